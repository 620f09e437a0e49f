//! The tests that every store passes, whatever database is behind it. Each takes a function that opens the one database
//! of the test, empty at first; opening it again is what a restart does.

pub mod directory;
pub mod events;
pub mod history;
pub mod random;
pub mod transaction;
pub mod unread;
pub mod world;

use commonroom_core::store::Store;

/// Opens the database of a test.
pub type Open<'a> = &'a dyn Fn() -> Box<dyn Store>;

/// Gives the list of all tests to a macro, which makes of each a `#[test]` for its database.
#[macro_export]
macro_rules! every_store {
    ($make:ident) => {
        $make! {
            directory::a_new_database_gets_one_space_once,
            directory::every_noun_comes_back,
            directory::the_default_space_stays_the_oldest,
            directory::a_restart_keeps_everything_and_numbers_rise,
            directory::the_secret_of_the_instance_is_made_once,
            random::any_commands_load_as_they_were_applied,
            history::every_page_of_a_long_history,
            history::a_page_has_a_limit_and_the_middle_gets_its_share,
            history::strange_messages_give_no_page,
            history::one_message_is_found_by_id_and_number,
            history::a_nonce_posts_once,
            history::counts_are_of_what_is_there,
            unread::unread_counts_follow_the_mark,
            unread::mentions_follow_edits_and_deletions,
            unread::marks_go_with_their_channel,
            transaction::a_refused_command_leaves_nothing_between_its_neighbours,
            transaction::undo_goes_back_to_the_newest_mark_only,
            transaction::a_dropped_transaction_leaves_nothing,
            transaction::a_transaction_reads_what_it_wrote,
            transaction::a_fault_refuses_the_whole_batch,
            transaction::readers_on_other_threads_see_whole_batches,
            transaction::a_transaction_behind_the_stored_head_is_refused,
            events::a_stream_is_read_back_as_it_was_told,
            events::old_events_are_pruned,
            events::a_deleted_message_leaves_no_text_behind,
            events::what_is_deleted_takes_its_events_along,
        }
    };
}
