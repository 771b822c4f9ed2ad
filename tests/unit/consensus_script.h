/* A small language to play scenarios on a state machine with its real signer and safety record (on
 * a disk in memory): tests/golden/consensus/NAME.txt. A line is a command; the lines indented below
 * it are what came of it. `DIRCHAIN_GOLDEN=write ctest -R test_consensus` rewrites those; the diff
 * is then reviewed as any other change.
 *
 *   validators N me I | validators N observer
 *   start [work] [set N] [foreseen N] [forged-record]   the next height; also after `crash`. Sets
 *                                      are the first N validators; forged: the votes in the record
 *   proposal R X [vr V] [by I] [at T] [on Y] [received T]   X: a letter names a block; T: its time
 *                                      or that of its arrival, ms after the start; Y: the block it
 *                                      follows, if not the tip
 *   prevote|precommit R X|nil I…       votes of those validators
 *   forged prevote R X I               with a bad signature;  foreign …: of no member
 *   at-height H proposal|prevote|…     for another height than the current one
 *   verdict X valid|invalid            answers EXECUTE;  built X answers BUILD
 *   timeout propose|prevote|precommit|idle R          work          clock T
 *   crash-before persist|send|decide|timer|…          in the next command
 *   crash                              now; what was not synced is gone
 *   record-from-the-future H           as if the ledger had been put back
 *   status       catchup               looking in
 *
 * Own messages are fed back as a host does. Block letters in the output are those of the input. */
#ifndef DIRCHAIN_TESTS_UNIT_CONSENSUS_SCRIPT_H
#define DIRCHAIN_TESTS_UNIT_CONSENSUS_SCRIPT_H

#include "consensus_script_node.h"

/* ---- commands ---- */

static void script_validators(struct script *s, char **rest)
{
    s->count = (size_t)script_number(rest);
    char *who = script_word(rest);
    s->me = strcmp(who, "me") == 0 ? (int)script_number(rest) : -1;
    assert_true(s->count >= 1 && s->count <= SCRIPT_VALIDATORS_MAX);
    s->genesis = hash_tagged("test/genesis", view_of_text("script"));
    s->set.count = s->count;
    for (size_t i = 0; i < s->count; i++) {
        memset(s->secret[i].bytes, (int)i + 1, SECRET_KEY_BYTES);
        assert_int_equal(sign_vote_key(&s->set.item[i].key, &s->secret[i]), 0);
        snprintf(s->set.item[i].member, sizeof s->set.item[i].member, "9100000000000000%02u",
                 (unsigned)i % 100);
    }
    s->verify = schnorr_verify;
    s->tip_hash = s->genesis;
    s->now_ms = SCRIPT_CLOCK_MS;
    s->tip_time_ms = SCRIPT_CLOCK_MS - 1000;
    s->timing = (struct consensus_timing){.propose_ms = 3000,
                                          .propose_step_ms = 500,
                                          .prevote_ms = 1000,
                                          .prevote_step_ms = 500,
                                          .precommit_ms = 1000,
                                          .precommit_step_ms = 500,
                                          .idle_block_ms = 5000,
                                          .precision_ms = 500,
                                          .message_delay_ms = 2000};
    if (s->me >= 0) {
        struct safety_disk disk = script_disk_of(&s->disk);
        assert_int_equal(safety_create(&disk, &s->genesis, &s->set.item[s->me].key, false), 0);
    }
    script_boot(s);
}

static void script_forge(struct safety_record *record)
{
    for (size_t i = 0; i < record->valid_prevote_count; i++)
        record->valid_prevotes[i].signature.bytes[40] ^= 1;
    for (size_t i = 0; i < record->entry_precommit_count; i++)
        record->entry_precommits[i].signature.bytes[40] ^= 1;
}

static void script_start(struct script *s, char **rest)
{
    struct event event = {.kind = EVENT_START_HEIGHT, .now_ms = s->now_ms};
    event.start = (struct event_start_height){.height = s->tip + 1,
                                              .set = &s->set,
                                              .previous = s->tip_hash,
                                              .previous_time_ms = s->tip_time_ms};
    static struct validator_set next_set;
    static struct safety_record record;
    next_set = s->set;
    event.start.next_set = &next_set;
    if (s->signer) {
        record = *signer_record(s->signer);
        event.start.resume = &record;
    }
    for (char *word; (word = script_word(rest));) {
        if (strcmp(word, "work") == 0)
            event.start.work = true;
        else if (strcmp(word, "set") == 0)
            s->set.count = next_set.count = (size_t)script_number(rest);
        else if (strcmp(word, "foreseen") == 0)
            next_set.count = (size_t)script_number(rest);
        else if (strcmp(word, "forged-record") == 0)
            script_forge(&record);
        else
            fail_msg("unknown word %s", word);
    }
    script_event(s, &event);
}

static void script_sign(struct script *s, struct message *message, size_t by)
{
    struct hash digest;
    message_digest(&digest, &s->genesis, message);
    struct signature *signature =
        message->kind == MESSAGE_PROPOSAL ? &message->proposal.signature : &message->vote.signature;
    assert_int_equal(schnorr_sign(signature, &s->secret[by], &digest), 0);
}

/* At a time of its own, or 0: now. */
static void script_receive(struct script *s, const struct message *message, int64_t received_ms)
{
    /* Over the wire and back. */
    AUTO(buf_free) struct buf bytes = {0};
    message_encode(&bytes, message);
    struct reader reader = reader_of(view_of_buf(&bytes));
    struct event event = {.kind = EVENT_MESSAGE, .now_ms = s->now_ms};
    event.message.received_ms = received_ms;
    int error = message_decode(&event.message.message, &reader);
    if (error != 0) {
        buf_append_format(&s->out, "    not decoded: %s\n", error_code(error));
        return;
    }
    assert_true(reader_done(&reader));
    script_event(s, &event);
}

static void script_proposal(struct script *s, char **rest, uint64_t height)
{
    uint32_t round = (uint32_t)script_number(rest);
    char letter = script_word(rest)[0];
    size_t by = validators_proposer(&s->set, height, round);
    int64_t time_ms = s->now_ms, received_ms = 0;
    int64_t valid_round = ROUND_NONE;
    struct hash previous = s->tip_hash;
    for (char *word; (word = script_word(rest));) {
        if (strcmp(word, "vr") == 0)
            valid_round = (int64_t)script_number(rest);
        else if (strcmp(word, "by") == 0)
            by = (size_t)script_number(rest);
        else if (strcmp(word, "at") == 0)
            time_ms = SCRIPT_CLOCK_MS + strtoll(script_word(rest), NULL, 10);
        else if (strcmp(word, "received") == 0)
            received_ms = SCRIPT_CLOCK_MS + strtoll(script_word(rest), NULL, 10);
        else if (strcmp(word, "on") == 0)
            previous = script_target(s, rest);
        else
            fail_msg("unknown word %s", word);
    }
    size_t i = script_block(s, letter, by, time_ms);
    if (s->block[i].height != height || !hash_equal(&s->block[i].previous, &previous)) {
        s->block[i].height = height;
        s->block[i].previous = previous;
        header_hash(&s->block_hash[i], &s->block[i]);
    }
    struct message message = {.kind = MESSAGE_PROPOSAL};
    message.proposal = (struct proposal){.height = height,
                                         .round = round,
                                         .valid_round = valid_round,
                                         .header = s->block[i],
                                         .block = s->block_hash[i]};
    script_sign(s, &message, by);
    script_receive(s, &message, received_ms);
}

static void script_votes(struct script *s, const char *verb, char **rest, uint64_t height,
                         const char *flaw)
{
    struct message message = {.kind = MESSAGE_VOTE};
    struct vote *vote = &message.vote;
    vote->type = strcmp(verb, "prevote") == 0 ? VOTE_PREVOTE : VOTE_PRECOMMIT;
    vote->height = height;
    vote->round = (uint32_t)script_number(rest);
    vote->block = script_target(s, rest);
    for (char *word; (word = script_word(rest));) {
        size_t by = (size_t)strtoul(word, NULL, 10);
        assert_true(by < s->count);
        memcpy(vote->validator, s->set.item[by].member, sizeof vote->validator);
        script_sign(s, &message, by);
        if (strcmp(flaw, "forged") == 0)
            vote->signature.bytes[40] ^= 1;
        if (strcmp(flaw, "foreign") == 0)
            memcpy(vote->validator, "920000000000000000", MEMBER_ID_CHARS);
        script_receive(s, &message, 0);
    }
}

static void script_verdict(struct script *s, char **rest)
{
    size_t i = (size_t)(script_word(rest)[0] - 'A');
    struct event event = {.kind = EVENT_VERDICT, .now_ms = s->now_ms};
    event.verdict.block = s->block_hash[i];
    event.verdict.header = s->block[i];
    event.verdict.valid = strcmp(script_word(rest), "valid") == 0;
    script_event(s, &event);
}

static void script_lost(struct script *s, char **rest)
{
    size_t i = (size_t)(script_word(rest)[0] - 'A');
    struct event event = {.kind = EVENT_LOST, .now_ms = s->now_ms};
    event.lost.block = s->block_hash[i];
    buf_append_format(&s->out, "    %s\n",
                      consensus_needs(s->consensus, &event.lost.block) ? "needed" : "not needed");
    script_event(s, &event);
}

static void script_built(struct script *s, char **rest)
{
    char letter = script_word(rest)[0];
    struct consensus_status status = consensus_status(s->consensus);
    size_t i = script_block(s, letter, (size_t)s->me, s->build_time_ms);
    struct event event = {.kind = EVENT_BUILT, .now_ms = s->now_ms};
    event.built =
        (struct event_built){.height = status.height, .round = status.round, .header = s->block[i]};
    script_event(s, &event);
}

static void script_timeout(struct script *s, char **rest)
{
    char *name = script_word(rest);
    struct event event = {.kind = EVENT_TIMEOUT, .now_ms = s->now_ms};
    for (int kind = 0; kind < TIMER_KINDS; kind++) {
        if (strcmp(name, script_timers[kind]) == 0)
            event.timeout.kind = (enum timer_kind)kind;
    }
    event.timeout.height = consensus_status(s->consensus).height;
    event.timeout.round = (uint32_t)script_number(rest);
    script_event(s, &event);
}

static void script_crash_before(struct script *s, char **rest)
{
    static const char *const names[] = {"",       "persist",  "send",     "execute", "build",
                                        "decide", "evidence", "diverged", "timer"};
    char *name = script_word(rest);
    for (size_t i = 1; i < COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0)
            s->crash_before = (enum effect_kind)i;
    }
    assert_true(s->crash_before != 0);
}

static void script_status(struct script *s)
{
    struct consensus_status status = consensus_status(s->consensus);
    buf_append_format(&s->out, "    %llu/%u %s", (unsigned long long)status.height, status.round,
                      script_steps[status.step]);
    script_say_value(s, "lock", status.locked_round, &status.locked_block);
    script_say_value(s, "valid", status.valid_round, &status.valid_block);
    buf_append_format(&s->out, ", proposer %zu%s\n", status.proposer,
                      status.validator ? "" : ", signs nothing");
}

static void script_catchup(struct script *s)
{
    struct consensus_cursor cursor = {0};
    struct message message;
    while (consensus_next_message(&message, &cursor, s->consensus)) {
        struct hash digest;
        message_digest(&digest, &s->genesis, &message);
        bool vote = message.kind == MESSAGE_VOTE;
        size_t from =
            vote ? (size_t)validators_find(&s->set, message.vote.validator)
                 : validators_proposer(&s->set, message.proposal.height, message.proposal.round);
        assert_true(s->verify(&s->set.item[from].key, &digest,
                              vote ? &message.vote.signature : &message.proposal.signature));
        script_say_message(s, "show", &message);
    }
}

/* The record of a node that signed at a height its ledger does not know (any more). */
static void script_future_record(struct script *s, char **rest)
{
    static struct safety_record record;
    safety_record_init(&record);
    record.height = script_number(rest);
    record.step = STEP_PREVOTE;
    record.has_prevote = true;
    record.prevote = (struct vote){.type = VOTE_PREVOTE, .height = record.height};
    memcpy(record.prevote.validator, s->set.item[s->me].member, MEMBER_ID_CHARS);
    assert_int_equal(signer_persist(s->signer, &record), 0);
}

static void script_command(struct script *s, char *line)
{
    char *rest = line;
    char *verb = script_word(&rest);
    const char *flaw = "";
    uint64_t height = s->tip + 1;
    if (strcmp(verb, "at-height") == 0) {
        height = script_number(&rest);
        verb = script_word(&rest);
    }
    if (strcmp(verb, "forged") == 0 || strcmp(verb, "foreign") == 0) {
        flaw = verb;
        verb = script_word(&rest);
    }
    if (strcmp(verb, "validators") == 0)
        script_validators(s, &rest);
    else if (strcmp(verb, "start") == 0)
        script_start(s, &rest);
    else if (strcmp(verb, "proposal") == 0)
        script_proposal(s, &rest, height);
    else if (strcmp(verb, "prevote") == 0 || strcmp(verb, "precommit") == 0)
        script_votes(s, verb, &rest, height, flaw);
    else if (strcmp(verb, "verdict") == 0)
        script_verdict(s, &rest);
    else if (strcmp(verb, "lost") == 0)
        script_lost(s, &rest);
    else if (strcmp(verb, "built") == 0)
        script_built(s, &rest);
    else if (strcmp(verb, "timeout") == 0)
        script_timeout(s, &rest);
    else if (strcmp(verb, "work") == 0)
        script_event(s, &(struct event){.kind = EVENT_WORK, .now_ms = s->now_ms});
    else if (strcmp(verb, "clock") == 0)
        s->now_ms = SCRIPT_CLOCK_MS + strtoll(script_word(&rest), NULL, 10);
    else if (strcmp(verb, "crash-before") == 0)
        script_crash_before(s, &rest);
    else if (strcmp(verb, "crash") == 0)
        script_crash(s);
    else if (strcmp(verb, "record-from-the-future") == 0)
        script_future_record(s, &rest);
    else if (strcmp(verb, "status") == 0)
        script_status(s);
    else if (strcmp(verb, "catchup") == 0)
        script_catchup(s);
    else
        fail_msg("unknown command %s", verb);
}

static void script_free(struct script *s)
{
    signer_close(&s->signer);
    consensus_free(&s->consensus);
    buf_free(&s->out);
    memory_free(s);
}

/* Plays a file and compares what came of it with what it says. */
static void script_play(const char *name)
{
    AUTO(buf_free) struct buf path = {0}, text = {0};
    buf_append_format(&path, "%s/tests/golden/consensus/%s.txt", DIRCHAIN_SOURCE_DIR, name);
    assert_int_equal(file_read(&text, buf_text(&path), 1 << 20), 0);
    struct script *s = memory_alloc(sizeof *s);
    s->me = -1;
    const char *at = buf_text(&text);
    while (*at != '\0') {
        size_t len = strcspn(at, "\n");
        char line[512];
        assert_true(len < sizeof line);
        memcpy(line, at, len);
        line[len] = '\0';
        at += len + (at[len] == '\n');
        if (strncmp(line, "    ", 4) == 0)
            continue;
        buf_append_format(&s->out, "%s\n", line);
        if (line[0] != '#' && line[0] != '\0')
            script_command(s, line);
    }
    const char *golden = getenv("DIRCHAIN_GOLDEN");
    if (golden && strcmp(golden, "write") == 0) {
        assert_int_equal(file_write_atomic(buf_text(&path), view_of_buf(&s->out), 0644), 0);
    } else if (!view_equal(view_of_buf(&s->out), view_of_buf(&text))) {
        print_message("--- what came of %s (DIRCHAIN_GOLDEN=write to accept) ---\n%s", name,
                      buf_text(&s->out));
        script_free(s);
        fail_msg("%s.txt differs", name);
    }
    script_free(s);
}

#endif
