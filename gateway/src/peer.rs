//! Where a request came from: the other end of the connection, or, behind proxies the operator named, the address they saw.

use crate::app::Gateway;
use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The address a request counts as coming from. `X-Forwarded-For` is read from its end, where each proxy adds what it saw, and
/// only as far as trusted proxies wrote it: the rest is what a caller likes to claim.
pub(crate) fn address(gateway: &Gateway, extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
    let is_trusted = |address: &IpAddr| gateway.settings().trusted_proxies.iter().any(|network| network.contains(address));
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    let mut address = peer.to_canonical();
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
    for seen in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !is_trusted(&address) {
            break;
        }
        match seen.trim().parse::<IpAddr>() {
            Ok(seen) => address = seen.to_canonical(),
            Err(_) => break,
        }
    }
    address
}
