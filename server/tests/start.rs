//! Two programs that start at the same moment on one database that has no tables yet.

#![allow(clippy::unwrap_used)]

use crate::program::count;
use crate::program::on_both;
use crate::program::running::Running;
use engine::db::{Db, Standing};
use std::process::Stdio;

on_both! {
    async fn both_come_up_and_the_tables_are_made_once(database, _folder) {
        let begin = || Running::begin(database, &[], Stdio::inherit());
        let both = [begin(), begin()];
        for one in &both {
            one.until_ready().await;
        }
        let db = Db::connect(database).await.unwrap();
        assert_eq!(db.standing().await.unwrap(), Standing::UpToDate);
        assert_eq!(db.looks_whole().await.unwrap(), None);
        db.close().await;
        let rows = count(database, "SELECT COUNT(*) FROM counters").await;
        assert_eq!(rows, 2, "what a migration fills in is there once");
    }
}
