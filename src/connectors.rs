//! `kitchen connectors`: writes the apps that platforms run on their side into a folder.
//!
//! A folder is only written into if it is empty or was written by this command: the manifest in it says so, and which files are
//! no longer generated.

use ::connectors::Catalogue;
use ::connectors::export::{self, App, File, MANIFEST};
use anyhow::{Context as _, Result, bail};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use std::fs;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  kitchen connectors export zapier --out connectors/apps/zapier   write the app for Zapier anew
  kitchen connectors export zapier --out ~/kitchen-zapier         write it into a folder of your own; its README.md says how to publish it
  kitchen connectors export pabbly --out ~/kitchen-pabbly         write what is entered into Pabbly Connect's form";

/// What `connectors` can do.
#[derive(Subcommand)]
pub enum Command {
    /// Write the app for a platform into a folder, from the catalogue of triggers, actions and searches
    #[command(after_help = EXAMPLES)]
    Export(Export),
}

/// The flags of `connectors export`.
#[derive(Args)]
pub struct Export {
    /// The platform the app is for
    #[arg(value_name = "PLATFORM", value_parser = PossibleValuesParser::new(App::ALL.iter().map(|app| app.as_str())))]
    app: String,
    /// The folder to write into; it is made if it is not there. Files of an earlier export are replaced, and removed if there is no use
    /// for them any more; everything else stays
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write even if there is something in the folder that no export of this app has written
    #[arg(long)]
    force: bool,
}

/// Runs one of them.
pub fn run(command: Command) -> Result<()> {
    match command {
        Command::Export(arguments) => export(&arguments),
    }
}

fn export(arguments: &Export) -> Result<()> {
    let Some(app) = App::named(&arguments.app) else { bail!("There is no app for {}.", arguments.app) };
    let out = &arguments.out;
    let written_before = written_before(out, app, arguments.force)?;
    let files = export::export(&Catalogue::kitchen(), app);
    // The manifest comes last: an export that breaks off leaves the old one, which lets the next one go on.
    for file in &files {
        write(out, file).with_context(|| format!("{} cannot be written", out.join(&file.path).display()))?;
    }
    let stale: Vec<&String> = written_before.iter().filter(|path| files.iter().all(|file| file.path != **path)).collect();
    for path in &stale {
        remove(out, path).with_context(|| format!("{} cannot be removed", out.join(path).display()))?;
    }
    println!("Wrote {} files to {}, removed {}.", files.len(), out.display(), stale.len());
    Ok(())
}

/// The files an earlier export left in the folder.
fn written_before(out: &Path, app: App, is_forced: bool) -> Result<Vec<String>> {
    let is_empty = match fs::read_dir(out) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", out.display())),
    };
    let manifest = fs::read_to_string(out.join(MANIFEST)).unwrap_or_default();
    match export::read_manifest(&manifest) {
        Some((of, files)) if of == app => Ok(files.into_iter().map(str::to_owned).collect()),
        _ if is_empty || is_forced => Ok(Vec::new()),
        Some((of, _)) => {
            bail!("{} holds the app for {}. Choose another folder, or write over it with --force.", out.display(), of.as_str())
        }
        None => bail!(
            "{} is not empty, and nothing in it was exported before. Choose another folder, or write into it with --force.",
            out.display()
        ),
    }
}

fn write(out: &Path, file: &File) -> std::io::Result<()> {
    let path = out.join(&file.path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, &file.contents)
}

/// Removes a file, and the folder it was in if nothing else is left there.
fn remove(out: &Path, path: &str) -> std::io::Result<()> {
    match fs::remove_file(out.join(path)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    if let Some((folder, _)) = path.rsplit_once('/') {
        // What is not empty stays, and says so by an error.
        let _ = fs::remove_dir(out.join(folder));
    }
    Ok(())
}
