//! Brings a database's tables to the form that this program knows: each step in one transaction, counted in
//! `user_version`, so that a kill leaves either the old form or the new one (checks.md D11).

use crate::trouble::{Outcome, Trouble};
use rusqlite::{Connection, TransactionBehavior};

/// Every step there ever was; only ever added to.
pub(crate) const STEPS: &[&str] = &[
    include_str!("../migrations/0001_first.sql"),
    include_str!("../migrations/0002_community.sql"),
    include_str!("../migrations/0003_gone_members.sql"),
];

/// Refuses what this program must not touch: a newer database, or another program's. Writes nothing.
pub(crate) fn check(conn: &Connection, steps: &[&str]) -> Outcome<()> {
    let found = version(conn)?;
    if found > steps.len() {
        return Err(Trouble::words(format!(
            "the database has form {found}, but this program knows forms up to {} only: it was written by a newer \
             version of Commonroom; run that version, or restore a backup made before the upgrade",
            steps.len()
        )));
    }
    if found == 0 && conn.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))? > 0
    {
        return Err(Trouble::words("the file is an SQLite database of another program"));
    }
    Ok(())
}

/// Takes the steps that are missing.
pub(crate) fn migrate(conn: &mut Connection, steps: &[&str]) -> Outcome<()> {
    while version(conn)? < steps.len() {
        // Asked again inside: another process may be at it.
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = version(&tx)?;
        if let Some(step) = steps.get(done) {
            tx.execute_batch(step)?;
            tx.pragma_update(None, "user_version", i64::try_from(done + 1).unwrap_or(i64::MAX))?;
            tx.commit()?;
        }
    }
    Ok(())
}

fn version(conn: &Connection) -> Outcome<usize> {
    let found: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    usize::try_from(found).map_err(|_| Trouble::words("the file is an SQLite database of another program"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(conn: &Connection) -> Vec<String> {
        let mut statement = conn.prepare("SELECT name FROM sqlite_schema ORDER BY name").expect("prepares");
        let names = statement.query_map([], |row| row.get(0)).expect("runs");
        names.collect::<Result<_, _>>().expect("names")
    }

    #[test]
    fn only_missing_steps_are_taken() {
        let mut conn = Connection::open_in_memory().expect("opens");
        migrate(&mut conn, &["CREATE TABLE a (x)"]).expect("first step");
        migrate(&mut conn, &["CREATE TABLE a (x)", "CREATE TABLE b (x)"]).expect("second step");
        assert_eq!(tables(&conn), ["a", "b"]);
        assert_eq!(version(&conn).expect("version"), 2);
    }

    #[test]
    fn a_step_that_fails_half_way_leaves_the_form_before_it() {
        let mut conn = Connection::open_in_memory().expect("opens");
        let steps = ["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)"];
        migrate(&mut conn, &steps).expect_err("`a` exists");
        assert_eq!(tables(&conn), ["a"]);
        assert_eq!(version(&conn).expect("version"), 1);
    }

    #[test]
    fn a_newer_form_is_refused() {
        let mut conn = Connection::open_in_memory().expect("opens");
        migrate(&mut conn, &["CREATE TABLE a (x)", "CREATE TABLE b (x)"]).expect("both steps");
        let refusal = check(&conn, &["CREATE TABLE a (x)"]).expect_err("form 2 is newer than 1");
        assert!(refusal.to_string().contains("newer version of Commonroom"), "{refusal}");
    }

    #[test]
    fn a_strange_database_is_refused() {
        let conn = Connection::open_in_memory().expect("opens");
        conn.execute_batch("CREATE TABLE cookies (x)").expect("a table");
        check(&conn, STEPS).expect_err("not ours");
    }
}
