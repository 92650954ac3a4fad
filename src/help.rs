//! Which settings the help of a command shows: those that the command reads. All of them are in the help of `kitchen` itself.

use clap::Command;

const OF_ALL: &[&str] = &["log", "log_format"];
const OF_THE_DATABASE: &[&str] = &["data_dir", "database_url", "master_key", "durability", "database_connections"];
const OF_FIRST_WORKSPACES: &[&str] = &["owner_email"];
const OF_LINKS: &[&str] = &["listen", "public_url"];
const OF_BOTH: &[&str] = &["redis_url", "smtp_url", "allow_targets", "allow_http", "shutdown_grace"];
const OF_GATEWAYS: &[&str] = &["trusted_proxies", "max_body_bytes"];
const OF_WORKERS: &[&str] = &[
    "mail_from",
    "egress_certificate",
    "egress_proxy",
    "max_in_flight",
    "max_in_flight_per_webhook",
    "attempt_timeout",
    "disable_after",
    "max_delivery_age",
    "retention_bodies",
    "retention_events",
    "retention_mails",
    "retention_operations",
    "retention_audit",
    "retention_deleted",
];

/// The settings a command reads beside [`OF_ALL`]; `None` for all there are.
fn read_by(command: &str) -> Option<&'static [&'static [&'static str]]> {
    Some(match command {
        "gateway" => &[OF_THE_DATABASE, OF_BOTH, OF_LINKS, OF_GATEWAYS],
        "worker" => &[OF_THE_DATABASE, OF_BOTH, OF_WORKERS],
        "migrate" | "routines" => &[OF_THE_DATABASE],
        "workspaces" => &[OF_THE_DATABASE, OF_FIRST_WORKSPACES, OF_LINKS],
        "keys" => &[OF_THE_DATABASE, OF_FIRST_WORKSPACES],
        "ready" => &[&["listen"]],
        "demo" | "connectors" | "openapi" => &[],
        _ => return None,
    })
}

/// Leaves out what a command does not read from its help. It is accepted all the same.
pub fn of_what_is_read(mut command: Command) -> Command {
    // Settings belong to the program, and are handed down to its commands by this.
    command.build();
    command.mut_subcommands(|command| match read_by(command.get_name()) {
        Some(read) => showing(command, read),
        None => command,
    })
}

fn showing(command: Command, read: &'static [&'static [&'static str]]) -> Command {
    let is_shown = |id: &str| OF_ALL.contains(&id) || read.iter().any(|group| group.contains(&id));
    command
        .mut_args(|arg| {
            let is_left_out = arg.get_env().is_some() && !is_shown(arg.get_id().as_str());
            arg.hide(is_left_out)
        })
        .after_help("All settings: `kitchen --help`")
        .mut_subcommands(|command| showing(command, read))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use clap::Args as _;

    #[test]
    fn every_setting_is_read_by_something() {
        let groups = [OF_ALL, OF_THE_DATABASE, OF_FIRST_WORKSPACES, OF_LINKS, OF_BOTH, OF_GATEWAYS, OF_WORKERS].concat();
        let command = Settings::augment_args(Command::new("kitchen"));
        let settings: Vec<&str> = command.get_arguments().map(|arg| arg.get_id().as_str()).collect();
        assert!(settings.iter().all(|setting| groups.contains(setting)), "say who reads it: {settings:?}");
        assert!(groups.iter().all(|setting| settings.contains(setting)), "there is no such setting: {groups:?}");
    }
}
