//! `kitchen migrate`: brings the tables of the database up to date with this program.

use crate::database::{self, Database, Migrations};
use crate::settings::Settings;
use anyhow::Result;
use domain::doorbell::Silent;
use std::sync::Arc;

/// Applies what is pending. Safe to run twice, and from several machines at once.
pub async fn run(settings: &Settings) -> Result<()> {
    let store = database::open(settings, Arc::new(Silent), Migrations::Apply).await?;
    println!("The tables of {} are up to date.", Database::of(settings)?);
    store.close().await;
    Ok(())
}
