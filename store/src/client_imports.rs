//! Imports of clients: asking for one, and taking its steps. A step is a bounded number of rows of the file: the clients, their
//! events, what was refused, and how far it is, in one transaction.

use crate::dry_runs::Notes;
use crate::insert::Insert;
use crate::operations::{self, NewOperation};
use crate::paging::{elements, fold, json_array};
use crate::steps::{ClaimedOperation, Next, Step, Taken};
use crate::work::View as _;
use crate::{Result, Store, Work, uploads, users};
use domain::client_import::{ClientImport, quoted, upload_id};
use domain::event::EventType;
use domain::ids::CompanyId;
use domain::input::{Invalid, Parser as _, email};
use domain::operation::{Callback, Operation, OperationKind};
use domain::spreadsheet::{Row, Rows, read_rows};
use domain::user::{ClientPatch, Group, NewClient, User};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;

/// Rows a step reads. On `SQLite` whoever else writes waits for a step, a delivery twice on its way: 250 rows, each with its event and its
/// line of the audit log, hold the only writer for 6 to 8 ms, fifty for 2 ms. On Postgres nobody waits, and a step costs more than its rows.
fn rows_of_step(store: &Store) -> usize {
    if store.is_sqlite() { 50 } else { 250 }
}
/// Pieces of the file a step reads, and how many if these do not hold a whole row; one that is longer cannot be read.
const PIECES: [u32; 2] = [1, 8];
/// Refused rows that stand in the result itself; all of them are in the report.
const SHOWN: usize = 20;

/// Asks for an import of a file that was sent. `name` is what people know the file by.
pub async fn begin(
    work: &mut Work,
    import: &ClientImport,
    name: &str,
    rows_count: u64,
    callback: Option<&Callback>,
) -> Result<Operation> {
    let new = NewOperation {
        kind: OperationKind::ClientsImport,
        subject: &import.upload,
        subject_name: name,
        params: serde_json::to_value(import)?,
        total_count: Some(rows_count),
        callback,
    };
    operations::create(work, new).await
}

/// How far an import is, and what came of it so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Checkpoint {
    at: u64,
    lines: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    rejected: u64,
    shown: Vec<Value>,
}

/// What a row asks for.
struct Wanted {
    line: u64,
    last_line: u64,
    /// Whom it is about, if that can be read.
    email: Option<String>,
    fields: Value,
    /// What is wrong with it so far. All of it is told, so that nobody mends a file one fault at a time.
    invalid: Invalid,
}

/// Takes one step of an import.
pub(crate) async fn step(work: &mut Work, claimed: &ClaimedOperation) -> Result<Taken> {
    let import: ClientImport = serde_json::from_str(&claimed.params)?;
    let mut checkpoint = match &claimed.checkpoint {
        Some(text) => serde_json::from_str(text)?,
        None => Checkpoint { at: import.begins_at.0, lines: import.begins_at.1, ..Checkpoint::default() },
    };
    // Read and understood before anything is written, so that nobody waits for it.
    let workspace = work.workspace().clone();
    let mut view = work.store().read(&workspace).await?;
    let mut read = Rows::default();
    for pieces in PIECES {
        let part = uploads::read(&mut view, &upload_id(&import), checkpoint.at, pieces).await?;
        if part.is_empty() && checkpoint.at < import.size {
            return Ok(Taken::Failed("The file is no longer there. Send it again.".into()));
        }
        let is_last = checkpoint.at + part.len() as u64 >= import.size;
        read = read_rows(&part, import.delimiter, is_last, checkpoint.lines, rows_of_step(work.store()));
        if read.used > 0 || is_last {
            break;
        }
    }
    drop(view);
    if read.used == 0 && checkpoint.at < import.size {
        let line = checkpoint.lines + 1;
        return Ok(Taken::Failed(format!("The row that begins at line {line} is too long; a closing quote may be missing.")));
    }
    let wanted = read.rows.iter().filter_map(|row| understand(&import, row)).collect();
    let refused = write(work, claimed, &import, wanted, &mut checkpoint).await?;
    refuse(work, claimed, &mut checkpoint, &refused);
    checkpoint.at += read.used as u64;
    checkpoint.lines += read.lines;
    let is_at_end = checkpoint.at >= import.size;
    if !import.dry_run {
        uploads::delete_before(work, &upload_id(&import), (!is_at_end).then_some(checkpoint.at)).await?;
    }
    Ok(Taken::Step(Step {
        done: read.rows.len() as u64,
        failures: refused.len() as u64,
        result: json!({
            "created_count": checkpoint.created,
            "updated_count": checkpoint.updated,
            "unchanged_count": checkpoint.unchanged,
            "rejected_count": checkpoint.rejected,
            "rejected": checkpoint.shown,
        }),
        next: if is_at_end { Next::Done } else { Next::At(work.now()) },
        checkpoint: serde_json::to_string(&checkpoint)?,
    }))
}

/// What a row says, as far as that can be told from the row alone; `None` for an empty one.
fn understand(import: &ClientImport, row: &Row) -> Option<Wanted> {
    let (fields, mut invalid) = (import.fields(row)?, Invalid::default());
    if let Some(reason) = import.surplus(row) {
        invalid.add("", reason);
    }
    let email = fields.get("email").and_then(|address| email().parse(address).ok()).map(|email| fold(&email));
    Some(Wanted { line: row.line, last_line: row.last_line, email, fields, invalid })
}

/// Writes clients that are new or say something new, and gives back what was refused; with a dry run only counts and notes them. Updates come after
/// everything that is new, so that this is written in one go.
async fn write(
    work: &mut Work,
    claimed: &ClaimedOperation,
    import: &ClientImport,
    wanted: Vec<Wanted>,
    checkpoint: &mut Checkpoint,
) -> Result<Vec<(u64, Invalid)>> {
    let companies = companies(work, &wanted).await?;
    let emails = json_array(wanted.iter().filter_map(|row| row.email.as_deref()));
    let mut known = known(work, &emails).await?;
    let (mut updates, mut refused, now) = (Vec::new(), Vec::new(), work.now());
    let mut notes = if import.dry_run { Notes::read(work, &claimed.id, &emails).await? } else { Notes::default() };
    notes.apply(&mut known, now);
    for Wanted { line, last_line, email, mut fields, mut invalid } in wanted {
        if let Some(company) = fields.get("company").and_then(Value::as_str) {
            if let Some(id) = companies.get(&fold(company)) {
                fields["company"] = Value::from(id.as_str());
            } else {
                let company = quoted(company);
                invalid.add("company", format!("There is no company called {company}. Make it first, or leave the cell empty."));
                fields["company"] = Value::Null;
            }
        }
        let before = email.as_ref().and_then(|email| known.get(email)).cloned();
        if before.as_ref().is_some_and(|user| user.group == Group::Manager) {
            invalid.add("email", "The email has already been taken by a member of the team.");
        }
        let read = match &before {
            Some(before) => ClientPatch::read(&fields).map(|patch| patch.apply(before.clone(), now)),
            None => NewClient::read(&fields).map(|new| new.into_client(now)),
        };
        let (client, email) = match (read, email) {
            (Ok(client), Some(email)) if invalid.errors.is_empty() => (client, email),
            (read, _) => {
                invalid.join(read.err().unwrap_or_default());
                if last_line > line {
                    invalid
                        .add("", format!("The row goes on to line {last_line}. If it should not, a quote in it is not closed."));
                }
                refused.push((line, invalid));
                continue;
            }
        };
        match &before {
            None => checkpoint.created += 1,
            Some(before) if User { updated_at: before.updated_at, ..client.clone() } == *before => {
                checkpoint.unchanged += 1;
                continue;
            }
            Some(_) => checkpoint.updated += 1,
        }
        match before {
            _ if import.dry_run => notes.note(&email, &fields, &client),
            None => {
                users::insert(work, &client, None);
                work.record(EventType::CLIENT_CREATED, None, &client)?;
            }
            Some(before) => updates.push((before, client.clone())),
        }
        known.insert(email, client);
    }
    notes.write(work, &claimed.id).await?;
    for (before, client) in updates {
        users::save(work, before, client).await?;
    }
    Ok(refused)
}

/// Puts refused rows on record: all in the report, the first of them in the result.
fn refuse(work: &mut Work, claimed: &ClaimedOperation, checkpoint: &mut Checkpoint, refused: &[(u64, Invalid)]) {
    checkpoint.rejected += refused.len() as u64;
    for (line, invalid) in refused {
        for (field, reason) in &invalid.errors {
            let reason = reason.join(" ");
            if checkpoint.shown.len() < SHOWN {
                checkpoint.shown.push(json!({"line": line, "field": field, "reason": reason}));
            }
            work.insert(
                Insert::into("operation_failures")
                    .set("operation_id", claimed.id.as_str())
                    .set("line", i64::try_from(*line).unwrap_or(i64::MAX))
                    .set("field", field)
                    .set("reason", reason),
            );
        }
    }
}

/// The companies that rows name, by their folded names and by their ids. Locked before the clients, as by their deletion.
async fn companies(work: &mut Work, wanted: &[Wanted]) -> Result<HashMap<String, CompanyId>> {
    let named = wanted.iter().filter_map(|row| row.fields.get("company").and_then(Value::as_str)).map(fold);
    let named: std::collections::BTreeSet<String> = named.collect();
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let (workspace, lock) = (work.workspace().to_string(), work.lock());
    let any = elements(&work.conn().await?, "$2");
    let text = AssertSqlSafe(format!(
        "SELECT id, name_key FROM companies WHERE workspace_id = $1 AND deleted_at IS NULL AND (name_key IN ({any}) OR id IN ({any})) \
         ORDER BY id {lock}"
    ));
    let found: Vec<(String, String)> = on!(work, conn => sqlx::query_as(text)
        .bind(&workspace)
        .bind(json_array(named.iter().map(String::as_str)))
        .fetch_all(conn)
        .await)?;
    let each = found.into_iter().flat_map(|(id, name)| [(id.clone(), id.clone()), (name, id)]);
    Ok(each.map(|(key, id)| (key, CompanyId::from_stored(id))).collect())
}

/// Who is on record already with one of these folded addresses, a JSON array.
async fn known(work: &mut Work, emails: &str) -> Result<HashMap<String, User>> {
    let found = users::list_of_addresses(work, emails).await?;
    Ok(found.into_iter().map(|user| (fold(&user.email), user)).collect())
}
