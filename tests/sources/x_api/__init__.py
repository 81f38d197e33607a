"""Tests of the X source: which test holds which row of the written lists of refusals, failures and bad input.

A test of `test_x_bad_input` checks that every test named here exists.

Answers that refuse, and what is done about them:

    window limit (429, nothing remaining)    test_a_window_limit_waits_a_bounded_time_and_continues,
                                             test_g18_a_limit_without_end_ends_the_run_after_bounded_requests,
                                             test_g24_a_wait_beyond_the_time_budget_ends_the_run_at_once_and_the_next_has_all,
                                             test_an_empty_window_is_waited_for_before_the_request_is_refused
    one request a second                     test_one_request_a_second_is_waited_out_in_seconds
    usage cap, credits gone, spend cap       test_caps_and_credits_stop_the_run_without_a_retry
    bad parameter kills a batch              test_one_bad_item_does_not_kill_its_batch,
                                             test_handles_of_every_shape_are_used_or_named
    stale since_id (search only)             the source never searches; a 400 on a timeline is one account's issue:
                                             test_g19_g20_what_happens_to_one_account_leaves_the_others_alone
    not enrolled, zero-byte 404              test_every_answer_has_one_outcome,
                                             test_g19_g20_what_happens_to_one_account_leaves_the_others_alone
    401 without rate headers, 403            test_a_refused_token_stops_at_once_with_one_message
    5xx as JSON, list or HTML                test_g20_errors_that_pass_are_tried_again_and_nothing_is_lost,
                                             test_g20_a_platform_that_is_down_ends_the_reading_of_it_after_three_failures
    partial answer: data and errors          test_a_partial_answer_lands_its_data_and_its_errors
    errors only                              test_an_answer_of_errors_only_is_kept_and_the_account_not_declared_dead
    not found, suspended (the type lies)     test_title_and_detail_decide_the_status_because_the_type_lies,
                                             test_missing_and_suspended_accounts_have_a_status_and_the_rest_continues
    errors about side objects                test_errors_about_side_objects_never_mark_the_requested_account
    old and new host of a problem type       test_the_host_of_a_problem_type_does_not_matter
    withheld account or post                 test_protected_and_withheld_accounts_are_statuses

What tweepy does by itself, and what the source does instead:

    no timeout on a slow server              test_a_slow_drip_is_cut_off_by_the_total_deadline,
                                             test_an_answer_beyond_the_byte_cap_is_refused
    sleeps and recurses on 429, with reset   test_a_window_limit_waits_a_bounded_time_and_continues
    tight loop on 429 without reset          test_a_window_limit_waits_a_bounded_time_and_continues
    endless loop on the usage cap            test_caps_and_credits_stop_the_run_without_a_retry
    no retry on 5xx                          test_g20_errors_that_pass_are_tried_again_and_nothing_is_lost
    AttributeError on a 5xx JSON list        test_g19_g20_what_happens_to_one_account_leaves_the_others_alone
    402 is a plain HTTPException             test_caps_and_credits_stop_the_run_without_a_retry
    404 with an empty body                   test_g19_g20_what_happens_to_one_account_leaves_the_others_alone
    JSONDecodeError on HTML, truncated JSON  test_every_answer_has_one_outcome,
                                             test_faults_on_a_timeline_lose_nothing_by_the_next_run
    partial errors, errors only              test_a_partial_answer_lands_its_data_and_its_errors,
                                             test_an_answer_of_errors_only_is_kept_and_the_account_not_declared_dead
    token in the log at DEBUG                test_the_token_is_nowhere, test_reprs_hide_the_token
    pages for ever on a repeated token       test_g22_cursors_that_lead_nowhere_for_ever_end_the_reading_and_the_next_run_has_all

Bad input, configuration:

    @, URL, spaces, look-alikes, too long,
    other case, id instead of handle         test_handles_of_every_shape_are_used_or_named
    more than 100 accounts                   test_accounts_go_in_batches_of_a_hundred_and_are_resolved_once
    empty list                               test_an_empty_registry_asks_for_nothing

Bad input, answers and lives:

    200 as HTML, list, truncated, empty      test_every_answer_has_one_outcome,
                                             test_g19_g20_what_happens_to_one_account_leaves_the_others_alone
    data missing, null, includes alone       test_an_answer_without_data_has_no_rows_and_no_issue
    data as an object, or anything else      test_a_single_object_instead_of_a_list_is_one_row,
                                             test_odd_data_never_raises_and_is_listed
    duplicate ids on a page, across pages    test_g03_g22_spoiled_pages_lose_and_double_nothing_and_are_bounded,
                                             test_posts_that_come_on_two_pages_are_billed_and_kept_once_a_reading
    empty page with a token, out of order    test_g22_cursors_that_lead_nowhere_for_ever_end_the_reading_and_the_next_run_has_all,
                                             test_g03_g22_spoiled_pages_lose_and_double_nothing_and_are_bounded
    odd pages among usual ones, changed and
    spoiled posts, journals left behind      test_odd_answers_cost_their_neighbours_nothing,
                                             test_a_spoiled_post_gives_the_same_rows_or_is_left_to_the_row_wise_way,
                                             test_usual_posts_are_converted_in_columns_and_give_the_same_rows,
                                             test_answers_left_in_a_journal_become_the_rows_that_the_run_would_have_committed
    late posts                               test_a_post_that_shows_up_late_is_found_by_the_overlap
    cut after page one                       test_g03_g04_six_hundred_new_posts_and_a_cut_after_page_one_lose_none
    unknown fields                           test_text_with_nul_surrogates_and_odd_times_fits_the_lake
    missing public_metrics                   test_a_page_without_a_required_metric_raises_the_alarm_and_one_gap_does_not
    metrics as text, negative                test_counts_accept_text_and_refuse_negatives_with_an_issue
    counters that fall                       test_followers_that_a_purge_took_away_are_kept_as_reported,
                                             test_metrics_that_fall_are_kept_as_reported
    edits_remaining as text                  test_an_edit_chain_keeps_its_first_id_as_root
    times without milliseconds, with offset  test_times_come_with_or_without_fraction_and_offset
    year 9999, ids beyond 2^63 or as numbers,
    NUL, lone surrogates, 25,000 characters  test_text_with_nul_surrogates_and_odd_times_fits_the_lake
    right to left, emoji, odd offsets        test_right_to_left_text_and_offsets_beyond_the_text_leave_text_and_links_alone
    both vocabularies                        test_both_vocabularies_give_the_same_rows
    removed post that comes back             test_a_removed_post_that_comes_back_is_available_and_refreshed_again
    renamed handle taken by another          test_a_rename_is_kept_as_history_and_the_account_followed_by_id,
                                             test_a_handle_taken_over_by_another_watched_account_is_named
    protected for a week                     test_a_week_of_protection_is_a_status_and_a_gap_and_never_zeros
    3,200 cap                                test_the_cap_leaves_an_explicit_gap

Crashes, clocks, company and secrets:

    kill -9 at seeded points                 test_g02_g03_g04_g05_a_kill_before_any_file_operation_loses_nothing_and_reads_at_most_one_page_twice,
                                             test_g02_g03_g04_g05_a_kill_at_any_request_loses_nothing_and_reads_at_most_one_page_twice,
                                             test_g02_g03_g05_kills_in_a_row_still_converge
    clock skew of a day                      test_a_clock_that_is_a_day_off_waits_by_the_servers_clock
    damaged or future bookmark               test_g08_a_damaged_or_future_bookmark_is_refused_with_a_reason_and_the_others_are_read
    two runs at once                         test_g11_g34_of_two_runs_at_once_one_works_and_the_other_ends_with_busy
    token in files, logs, errors             test_the_token_is_nowhere
    token in the process list                test_no_command_takes_a_token_on_its_command_line,
                                             test_g11_g34_of_two_runs_at_once_one_works_and_the_other_ends_with_busy
"""  # noqa: E501
