//! Which addresses the gateway may call. Judges parsed addresses, never text; used when a webhook is saved, for a clear
//! error, and again by the one outbound client on the address it is about to connect to, for safety.
//!
//! The forbidden ranges are the special-purpose registries of IANA
//! (<https://www.iana.org/assignments/iana-ipv4-special-registry>, `…/iana-ipv6-special-registry`) and the
//! transition mechanisms that carry an IPv4 address inside an IPv6 one.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

const FORBIDDEN_V4: &[(Ipv4Net, &str)] = &[
    (v4(0, 0, 0, 0, 8), "this network"),
    (v4(10, 0, 0, 0, 8), "private"),
    (v4(100, 64, 0, 0, 10), "carrier NAT"),
    (v4(127, 0, 0, 0, 8), "loopback"),
    // Of no registry: from inside Azure it leads to the platform of the machine, metadata and secrets included.
    (v4(168, 63, 129, 16, 32), "cloud platform"),
    (v4(169, 254, 0, 0, 16), "link-local"),
    (v4(172, 16, 0, 0, 12), "private"),
    (v4(192, 0, 0, 0, 24), "protocol assignments"),
    (v4(192, 0, 2, 0, 24), "documentation"),
    (v4(192, 88, 99, 0, 24), "6to4 relay"),
    (v4(192, 168, 0, 0, 16), "private"),
    (v4(198, 18, 0, 0, 15), "benchmarking"),
    (v4(198, 51, 100, 0, 24), "documentation"),
    (v4(203, 0, 113, 0, 24), "documentation"),
    (v4(224, 0, 0, 0, 4), "multicast"),
    (v4(240, 0, 0, 0, 4), "reserved"),
];

const FORBIDDEN_V6: &[(Ipv6Net, &str)] = &[
    // Holds the unspecified address, loopback and the v4-compatible addresses.
    (v6(0, 0, 0, 96), "loopback or v4-compatible"),
    (Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96), "v4-mapped"),
    (v6(0x64, 0xff9b, 0, 96), "NAT64"),
    (v6(0x64, 0xff9b, 1, 48), "NAT64"),
    (v6(0x100, 0, 0, 64), "discard-only"),
    (v6(0x2001, 0, 0, 32), "Teredo"),
    (v6(0x2001, 0, 0, 23), "protocol assignments"),
    (v6(0x2001, 0xdb8, 0, 32), "documentation"),
    (v6(0x2002, 0, 0, 16), "6to4"),
    (v6(0x3fff, 0, 0, 20), "documentation"),
    (v6(0x5f00, 0, 0, 16), "segment routing"),
    (v6(0xfc00, 0, 0, 7), "unique local"),
    (v6(0xfe80, 0, 0, 10), "link-local"),
    (v6(0xfec0, 0, 0, 10), "site-local"),
    (v6(0xff00, 0, 0, 8), "multicast"),
];

/// Where every public IPv6 address lies. What is outside and has no name above, IPv4-translated addresses among it, is refused too.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 0, 3);

/// Ports of services that do not speak HTTP and would misread a request as commands.
const FORBIDDEN_PORTS: &[u16] = &[
    21, 22, 23, 25, 53, 110, 111, 135, 139, 143, 389, 445, 465, 514, 587, 636, 873, 993, 995, 1433, 1521, 2049, 2379, 3306, 3389,
    5432, 5672, 5900, 6379, 9092, 11211, 27017,
];

/// The longest URL that is accepted, in bytes.
pub const MAX_URL_LENGTH: usize = 2048;

/// A network that the operator opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    network: IpNet,
    /// The one port that is open, whatever usually listens there; `None` for all that are not forbidden.
    port: Option<u16>,
}

/// The operator's choices.
#[derive(Clone, Debug, Default)]
pub struct EgressPolicy {
    /// What may be called although it is private; plain HTTP is allowed there too.
    pub allowed: Vec<Opened>,
    /// Whether public targets may be called without TLS.
    pub is_http_allowed: bool,
}

fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Reads a comma-separated list of networks (`10.1.0.0/16, ::1/128`); a bare address is a network of one.
pub fn parse_networks(text: &str) -> Result<Vec<IpNet>, String> {
    let read = |entry| network(entry).ok_or_else(|| format!("`{entry}` is no network; write it like 127.0.0.0/8 or 10.0.0.5"));
    entries(text).map(read).collect()
}

/// Reads the same list, in which each network may name a port: `10.0.0.5:9000, [fd00::1]:9000, 10.1.0.0/16:9000`.
pub fn parse_opened(text: &str) -> Result<Vec<Opened>, String> {
    let with_port = |entry: &str| {
        let (of, port) = entry.rsplit_once(':')?;
        let network = match of.strip_prefix('[') {
            Some(rest) => network(rest.strip_suffix(']')?)?,
            // Without brackets a colon belongs to the address.
            None => network(of).filter(|network| matches!(network, IpNet::V4(_)))?,
        };
        Some(Opened { network, port: Some(port.parse().ok().filter(|port| *port > 0)?) })
    };
    let read = |entry: &str| {
        let whole = network(entry).map(|network| Opened { network, port: None });
        whole.or_else(|| with_port(entry)).ok_or_else(|| {
            format!("`{entry}` is no network; write it like 10.1.0.0/16 or 10.0.0.5, with one port like 10.0.0.5:9000 or [fd00::1]:9000")
        })
    };
    entries(text).map(read).collect()
}

impl EgressPolicy {
    /// Whether the operator opened this address for this port, by name or with all that are not forbidden. Of a name's addresses no port
    /// is known where they are looked up, so that an entry with a port opens nothing to names.
    fn is_opened(&self, address: IpAddr, port: Option<u16>) -> bool {
        self.allowed.iter().any(|one| (one.port.is_none() || one.port == port) && one.network.contains(&address))
    }

    /// Whether an entry names this port of the address.
    fn is_port_opened(&self, address: IpAddr, port: u16) -> bool {
        self.allowed.iter().any(|one| one.port == Some(port) && one.network.contains(&address))
    }

    /// Whether this address may be connected to at every port that is not forbidden; the error says which range forbids it.
    pub fn judge_address(&self, address: IpAddr) -> Result<(), &'static str> {
        if self.is_opened(address, None) {
            return Ok(());
        }
        let range = match address {
            IpAddr::V4(address) => FORBIDDEN_V4.iter().find(|(network, _)| network.contains(&address)).map(|(_, name)| *name),
            IpAddr::V6(address) => FORBIDDEN_V6
                .iter()
                .find(|(network, _)| network.contains(&address))
                .map(|(_, name)| *name)
                .or_else(|| (!GLOBAL_V6.contains(&address)).then_some("reserved")),
        };
        range.map_or(Ok(()), Err)
    }

    /// Out of all addresses of a name, those that may be used. One forbidden address refuses the name as a whole, so
    /// that a mixed answer cannot smuggle; only `localhost`, which no stranger's DNS can answer for, is filtered.
    pub fn judge_answer(&self, name: &str, addresses: &[IpAddr]) -> Result<Vec<IpAddr>, String> {
        if addresses.is_empty() {
            return Err(format!("the name {name} has no address"));
        }
        if name == "localhost" {
            let opened: Vec<_> = addresses.iter().copied().filter(|address| self.is_opened(*address, None)).collect();
            if !opened.is_empty() {
                return Ok(opened);
            }
        }
        match addresses.iter().find_map(|address| self.judge_address(*address).err().map(|range| (address, range))) {
            Some((address, range)) => Err(format!("the name {name} leads to {address}, a {range} address")),
            None => Ok(addresses.to_vec()),
        }
    }

    /// Judges a URL before anything is resolved: scheme, user info, port, literal address. The result is the parsed URL,
    /// and it is this value, not the text, that is stored and called.
    pub fn judge_url(&self, text: &str) -> Result<Url, String> {
        if text.len() > MAX_URL_LENGTH {
            return Err(format!("The URL must not be longer than {MAX_URL_LENGTH} characters."));
        }
        if text.chars().any(|c| c.is_control() || c == '\\') {
            return Err("The URL must not contain backslashes, tabs or line breaks.".into());
        }
        let url =
            Url::parse(text.trim()).map_err(|_| "The URL must be a full URL such as https://example.com/hook.".to_owned())?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err("The URL must begin with https://.".into());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("The URL must not contain a user name or password.".into());
        }
        let host = url.host().ok_or("The URL must name a host.")?;
        if let Host::Domain(name) = host
            && !is_name(name)
        {
            return Err("The URL must name a host, such as example.com.".into());
        }
        if url.port() == Some(0) {
            return Err("The URL's port must be between 1 and 65535.".into());
        }
        let literal = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        let port = url.port_or_known_default();
        let is_opened = match host {
            Host::Domain(name) => self.is_local_name_opened(name),
            _ => literal.is_some_and(|address| self.is_opened(address, port)),
        };
        if let Some(address) = literal
            && !is_opened
        {
            self.judge_address(address)
                .map_err(|range| format!("The URL must be publicly reachable; {address} is a {range} address."))?;
        }
        if let Host::Domain(name) = host
            && is_local_name(name)
            && !is_opened
        {
            return Err(format!("The URL must be publicly reachable; {name} is a local name."));
        }
        if url.scheme() == "http" && !self.is_http_allowed && !is_opened {
            return Err("The URL must begin with https://.".into());
        }
        let is_port_opened = literal.zip(port).is_some_and(|(address, port)| self.is_port_opened(address, port));
        if !is_port_opened && port.is_some_and(|port| FORBIDDEN_PORTS.contains(&port)) {
            return Err("The URL's port belongs to a service that is no web server.".into());
        }
        Ok(url)
    }

    fn is_local_name_opened(&self, name: &str) -> bool {
        name.trim_end_matches('.') == "localhost"
            && (self.is_opened(IpAddr::V4(Ipv4Addr::LOCALHOST), None) || self.is_opened(IpAddr::V6(Ipv6Addr::LOCALHOST), None))
    }
}

/// Whether a name can be asked for at all (RFC 1035): its labels are not empty and not too long. One dot may end it.
fn is_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.len() <= 253 && name.split('.').all(|label| (1..=63).contains(&label.len()))
}

/// Names that lead nowhere public: RFC 6761 and RFC 8375, and what private networks commonly use.
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    ["localhost", "local", "internal", "home.arpa", "localdomain"]
        .iter()
        .any(|local| name == *local || name.strip_suffix(local).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_spellings_are_judged_by_what_they_mean() {
        let policy = EgressPolicy::default();
        for bad in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0177.0.0.1/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://127.0.0.1./",
            "https://１２７.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[::127.0.0.1]/",
            "https://[64:ff9b::a00:1]/",
            "https://[2002:7f00:1::]/",
            "https://[2001:0:1::]/",
            "https://[fe80::1]/",
            "https://[fec0::1]/",
            "https://[fd00::1]/",
            "https://[fe80::1%25lo]/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "https://db.internal/",
            "https://169.254.169.254/latest",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://255.255.255.255/",
            "https://user@8.8.8.8/",
            "https://good.example@127.0.0.1/",
            "https://8.8.8.8\\@127.0.0.1/",
            "https://8.8.8.8/\n",
            "ftp://8.8.8.8/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://8.8.8.8/",
            "https://8.8.8.8:6379/",
            "https://8.8.8.8:22/",
            "//8.8.8.8/",
            "",
            "https://",
            "https://./",
            "https://../",
            "https://a..b/",
            "https://.example.com/",
            "https://example.com../",
            "https://example.com:0/",
            "https://8.8.8.8:0/",
            &format!("https://{}.example/", "a".repeat(64)),
            &format!("https://{}example/", "abc.".repeat(63)),
        ] {
            assert!(policy.judge_url(bad).is_err(), "{bad} was accepted");
        }
        for good in [
            "https://8.8.8.8/x?y=1",
            "https://hooks.example.com/a",
            "https://hooks.example.com./a",
            "https://[2606:4700::1111]/",
            "https://example.com:8443/",
        ] {
            assert!(policy.judge_url(good).is_ok(), "{good}: {:?}", policy.judge_url(good));
        }
    }

    #[test]
    fn what_the_operator_opens_is_open_and_nothing_beside_it() -> Result<(), String> {
        let policy = EgressPolicy { allowed: parse_opened("127.0.0.0/8, 10.0.0.5")?, is_http_allowed: false };
        for good in ["http://127.0.0.1:9000/", "http://localhost:9000/hook", "http://10.0.0.5/"] {
            assert!(policy.judge_url(good).is_ok(), "{good}: {:?}", policy.judge_url(good));
        }
        for bad in ["http://10.0.0.6/", "https://192.168.0.1/", "https://[::1]/", "http://8.8.8.8/", "https://a.localhost/"] {
            assert!(policy.judge_url(bad).is_err(), "{bad} was accepted");
        }
        assert!(parse_networks("10.0.0.0/33").is_err() && parse_networks("10.0.0.5:9000").is_err());
        Ok(())
    }

    #[test]
    fn an_opened_network_keeps_its_forbidden_ports_and_an_entry_with_a_port_opens_that_one() -> Result<(), String> {
        let text = "127.0.0.0/8, 10.0.0.5:9000, 10.1.0.0/16:6379, [fd00::1]:6379, [fd01::/16]:22, fd02::6379";
        let policy = EgressPolicy { allowed: parse_opened(text)?, is_http_allowed: false };
        for good in [
            "http://127.0.0.1:9000/",
            "http://10.0.0.5:9000/",
            "https://10.0.0.5:9000/",
            "http://10.1.2.3:6379/",
            "http://[fd00::1]:6379/",
            "https://[fd01::2]:22/",
            "http://[fd02::6379]/",
        ] {
            assert!(policy.judge_url(good).is_ok(), "{good}: {:?}", policy.judge_url(good));
        }
        for bad in [
            "http://127.0.0.1:6379/",
            "http://localhost:22/",
            "https://127.0.0.1:5432/",
            "http://10.0.0.5/",
            "https://10.0.0.5/",
            "http://10.0.0.5:9001/",
            "http://10.0.0.6:9000/",
            "http://10.1.2.3/",
            "http://[fd00::1]:22/",
            "http://[fd00::1]/",
            "http://[fd02::6379]:6379/",
        ] {
            assert!(policy.judge_url(bad).is_err(), "{bad} was accepted");
        }
        // What a name leads to is looked up before the port is known.
        let at = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 5));
        assert!(policy.judge_address(at).is_err() && policy.judge_answer("a.example", &[at]).is_err());
        for wrong in
            ["10.0.0.5:0", "10.0.0.5:65536", "10.0.0.5:", "[fd00::1]", "[fd00::1:22", "fd00::/8:22", "[10.0.0.0/33]:1", "a:1"]
        {
            assert!(parse_opened(wrong).is_err(), "{wrong}");
        }
        Ok(())
    }

    #[test]
    fn one_forbidden_address_refuses_the_name() {
        let policy = EgressPolicy::default();
        let (public, private) = (IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)), IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)));
        assert!(policy.judge_answer("a.example", &[public]).is_ok());
        assert!(policy.judge_answer("a.example", &[public, private]).is_err());
        assert!(policy.judge_answer("a.example", &[]).is_err());
    }
}
