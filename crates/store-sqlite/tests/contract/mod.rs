//! The tests that every store passes, whatever database is behind it. Each takes a function that opens the one database
//! of the test, empty at first; opening it again is what a restart does.

pub mod coming;
pub mod community;
pub mod directory;
pub mod events;
pub mod history;
pub mod notes;
pub mod random;
pub mod roles;
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
            community::threads_live_and_end_with_their_forum,
            community::role_lists_decide_in_the_order_of_a_members_roles,
            roles::a_role_may_stand_alone_and_be_replaced,
            roles::a_role_given_a_rank_keeps_it_below_the_owners,
            roles::rules_about_a_member_end_with_the_membership,
            roles::the_role_of_the_owner_goes_with_the_space,
            community::roles_are_ranked_and_nobody_rises_by_themselves,
            community::pins_replies_and_searches_find_what_is_there,
            community::pings_are_mentions_answers_and_roles,
            community::polls_count_each_choice_once_and_end,
            community::files_belong_to_one_message_and_go_with_it,
            community::emoji_webhooks_and_browsers_come_back,
            community::what_is_done_to_others_is_kept,
            coming::invitations_are_counted_and_never_used_too_often,
            coming::an_invitation_that_is_used_up_makes_room,
            coming::a_space_is_given_away_by_its_owner_only,
            coming::leaving_lifts_nothing_that_moderators_imposed,
            coming::who_forgot_their_password_gets_in_once_and_who_is_switched_off_not_at_all,
            coming::words_and_happenings_are_found,
            coming::files_can_be_added_to_what_was_said,
            notes::notes_are_replaced_come_back_and_end,
            notes::what_is_noted_again_is_stored_when_half_its_time_is_over,
            notes::of_too_many_notes_of_a_kind_the_one_that_ends_first_goes,
            notes::a_number_given_away_is_given_once,
            notes::a_channel_is_emptied_in_bounded_steps,
            notes::a_report_is_kept_for_those_who_look_after_the_space,
            random::any_commands_load_as_they_were_applied,
            history::every_page_of_a_long_history,
            history::a_number_is_a_place_although_no_message_of_the_channel_has_it,
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
