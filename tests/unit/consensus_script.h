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

#include "check.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "consensus/consensus.h"
#include "consensus/signer.h"

#include <stdlib.h>
#include <string.h>

#define SCRIPT_VALIDATORS_MAX 10
#define SCRIPT_CLOCK_MS INT64_C(1767225600000)

struct script_disk {
    uint8_t durable[SAFETY_FILE_BYTES];
    uint8_t cache[SAFETY_FILE_BYTES];
};

struct script {
    size_t count;
    int me; /* -1: observer */
    struct secret_key secret[SCRIPT_VALIDATORS_MAX];
    struct validator_set set;
    struct hash genesis;
    struct consensus_timing timing;
    struct script_disk disk;
    struct signer *signer;
    struct consensus *consensus;
    consensus_verify_function verify; /* of what catch-up shows */
    uint64_t tip;                     /* decided height */
    struct hash tip_hash;
    int64_t tip_time_ms;
    int64_t now_ms;
    bool has_block[26];
    struct header block[26];
    struct hash block_hash[26];
    int64_t build_time_ms;
    enum effect_kind crash_before;
    bool crashed;
    struct event feed[8];
    size_t feed_count;
    struct buf out;
};

/* ---- disk ---- */

static int script_read(void *context, void *out, size_t len, uint64_t offset)
{
    memcpy(out, ((struct script_disk *)context)->cache + offset, len);
    return 0;
}
static int script_write(void *context, struct view data, uint64_t offset)
{
    memcpy(((struct script_disk *)context)->cache + offset, data.data, data.len);
    return 0;
}
static int script_sync(void *context)
{
    struct script_disk *disk = context;
    memcpy(disk->durable, disk->cache, SAFETY_FILE_BYTES);
    return 0;
}
static struct safety_disk script_disk_of(struct script_disk *disk)
{
    return (struct safety_disk){
        .context = disk, .read = script_read, .write = script_write, .sync = script_sync};
}

/* ---- words ---- */

static char *script_word(char **rest)
{
    while (**rest == ' ')
        ++*rest;
    if (**rest == '\0')
        return NULL;
    char *word = *rest;
    while (**rest != ' ' && **rest != '\0')
        ++*rest;
    if (**rest == ' ')
        *(*rest)++ = '\0';
    return word;
}

static uint64_t script_number(char **rest)
{
    char *word = script_word(rest);
    assert_non_null(word);
    char *end;
    unsigned long long value = strtoull(word, &end, 10);
    assert_true(end != word && *end == '\0');
    return value;
}

static const char *script_block_name(const struct script *s, const struct hash *hash, char room[2])
{
    if (hash_is_zero(hash))
        return "nil";
    for (int i = 0; i < 26; i++) {
        if (s->has_block[i] && hash_equal(&s->block_hash[i], hash)) {
            room[0] = (char)('A' + i);
            room[1] = '\0';
            return room;
        }
    }
    return "?";
}

/* The block a letter names; made on first mention. */
static size_t script_block(struct script *s, char letter, size_t proposer, int64_t time_ms)
{
    size_t i = (size_t)(letter - 'A');
    assert_true(i < 26);
    if (s->has_block[i])
        return i;
    s->has_block[i] = true;
    struct header *header = &s->block[i];
    *header = (struct header){.version = HEADER_VERSION,
                              .genesis = s->genesis,
                              .height = s->tip + 1,
                              .time_ms = time_ms,
                              .previous = s->tip_hash,
                              .log_size = i};
    memcpy(header->proposer, s->set.item[proposer].member, sizeof header->proposer);
    header_hash(&s->block_hash[i], header);
    return i;
}

static struct hash script_target(struct script *s, char **rest)
{
    char *word = script_word(rest);
    assert_non_null(word);
    if (strcmp(word, "nil") == 0)
        return (struct hash){{0}};
    return s->block_hash[script_block(s, word[0], 0, s->now_ms)];
}

/* ---- effects as text ---- */

static void script_say_message(struct script *s, const char *verb, const struct message *message)
{
    char room[2];
    if (message->kind == MESSAGE_PROPOSAL) {
        const struct proposal *proposal = &message->proposal;
        buf_append_format(&s->out, "    %s proposal %llu/%u %s", verb,
                          (unsigned long long)proposal->height, proposal->round,
                          script_block_name(s, &proposal->block, room));
        if (proposal->valid_round != ROUND_NONE)
            buf_append_format(&s->out, " vr %lld", (long long)proposal->valid_round);
        buf_append_text(&s->out, "\n");
        return;
    }
    const struct vote *vote = &message->vote;
    buf_append_format(
        &s->out, "    %s %s %llu/%u %s", verb, vote->type == VOTE_PREVOTE ? "prevote" : "precommit",
        (unsigned long long)vote->height, vote->round, script_block_name(s, &vote->block, room));
    int from = validators_find(&s->set, vote->validator);
    if (from != s->me)
        buf_append_format(&s->out, " of %d", from);
    buf_append_text(&s->out, "\n");
}

static void script_say_value(struct script *s, const char *what, int64_t round,
                             const struct hash *block)
{
    char room[2];
    if (round != ROUND_NONE)
        buf_append_format(&s->out, " %s %s@%lld", what, script_block_name(s, block, room),
                          (long long)round);
}

static const char *const script_steps[] = {"new", "propose", "prevote", "precommit", "decided"};
static const char *const script_timers[] = {"idle", "propose", "prevote", "precommit"};

static void script_persist(struct script *s, const struct effect *effect)
{
    char room[2];
    const struct safety_record *record = effect->persist.record;
    buf_append_format(&s->out, "    persist %llu/%u %s", (unsigned long long)record->height,
                      record->round, script_steps[record->step]);
    script_say_value(s, "lock", record->locked_round, &record->locked_block);
    script_say_value(s, "valid", record->valid_round, &record->valid_block);
    if (!hash_is_zero(&effect->persist.body))
        buf_append_format(&s->out, ", body %s first",
                          script_block_name(s, &effect->persist.body, room));
    buf_append_text(&s->out, "\n");
    assert_int_equal(signer_persist(s->signer, record), 0);
}

static void script_send(struct script *s, const struct effect *effect)
{
    struct message message = effect->send;
    assert_int_equal(signer_sign(s->signer, &message), 0);
    script_say_message(s, "send", &message);
    s->feed[s->feed_count++] = (struct event){.kind = EVENT_MESSAGE,
                                              .now_ms = s->now_ms,
                                              .message = {.message = message, .verified = true}};
}

static void script_decide(struct script *s, const struct effect *effect)
{
    char room[2];
    const struct certificate *certificate = effect->decide.certificate;
    assert_int_equal(
        certificate_verify(certificate, &s->genesis, s->tip + 1, &effect->decide.block, &s->set),
        0);
    buf_append_format(&s->out, "    decide %s %llu/%u by",
                      script_block_name(s, &effect->decide.block, room),
                      (unsigned long long)certificate->height, certificate->round);
    for (size_t i = 0; i < certificate->count; i++)
        buf_append_format(&s->out, " %d", validators_find(&s->set, certificate->signer[i].member));
    buf_append_text(&s->out, "\n");
    s->tip++;
    s->tip_hash = effect->decide.block;
    for (int i = 0; i < 26; i++) {
        if (s->has_block[i] && hash_equal(&s->block_hash[i], &s->tip_hash))
            s->tip_time_ms = s->block[i].time_ms;
    }
}

static void script_evidence(struct script *s, const struct evidence *evidence)
{
    char room_a[2], room_b[2];
    assert_int_equal(evidence_verify(evidence, &s->genesis, &s->set), 0);
    const char *a = script_block_name(s, &evidence->a.block, room_a);
    const char *b = script_block_name(s, &evidence->b.block, room_b);
    bool turn = strcmp(a, b) > 0; /* by name, as the order of hashes means nothing to a reader */
    buf_append_format(&s->out, "    evidence against %d: %s %llu/%u for %s and %s\n",
                      validators_find(&s->set, evidence->a.validator),
                      evidence->a.type == VOTE_PREVOTE ? "prevote" : "precommit",
                      (unsigned long long)evidence->a.height, evidence->a.round, turn ? b : a,
                      turn ? a : b);
}

static void script_effect(struct script *s, const struct effect *effect)
{
    char room[2];
    switch (effect->kind) {
    case EFFECT_PERSIST:
        script_persist(s, effect);
        break;
    case EFFECT_SEND:
        script_send(s, effect);
        break;
    case EFFECT_EXECUTE:
        buf_append_format(&s->out, "    execute %s%s\n",
                          script_block_name(s, &effect->execute.block, room),
                          effect->execute.has_header ? "" : " (only its hash is known)");
        break;
    case EFFECT_BUILD:
        s->build_time_ms = effect->build.time_ms;
        buf_append_format(&s->out, "    build for %llu/%u, time %+lld\n",
                          (unsigned long long)effect->build.height, effect->build.round,
                          (long long)(effect->build.time_ms - SCRIPT_CLOCK_MS));
        break;
    case EFFECT_DECIDE:
        script_decide(s, effect);
        break;
    case EFFECT_EVIDENCE:
        script_evidence(s, &effect->evidence);
        break;
    case EFFECT_DIVERGED:
        buf_append_format(&s->out, "    diverged: %s in round %u\n",
                          script_block_name(s, &effect->diverged.block, room),
                          effect->diverged.round);
        break;
    case EFFECT_TIMER:
        buf_append_format(&s->out, "    timer %s %llu/%u in %lld\n",
                          script_timers[effect->timer.kind],
                          (unsigned long long)effect->timer.height, effect->timer.round,
                          (long long)effect->timer.delay_ms);
        break;
    }
}

/* ---- life of the node ---- */

static void script_boot(struct script *s)
{
    struct consensus_config config = {.genesis = s->genesis, .timing = s->timing};
    if (s->me >= 0) {
        memcpy(config.member, s->set.item[s->me].member, sizeof config.member);
        struct safety_disk disk = script_disk_of(&s->disk);
        struct safety *safety = NULL;
        struct vote_key key = s->set.item[s->me].key;
        assert_int_equal(safety_open(&safety, &disk, &s->genesis, &key), 0);
        assert_int_equal(
            signer_open(&s->signer, &safety, &s->genesis, config.member, &s->secret[s->me], NULL),
            0);
    }
    s->consensus = consensus_create(&config);
}

static void script_crash(struct script *s)
{
    signer_close(&s->signer);
    consensus_free(&s->consensus);
    memcpy(s->disk.cache, s->disk.durable, SAFETY_FILE_BYTES);
    s->feed_count = 0;
    s->crash_before = 0;
    s->crashed = true;
    script_boot(s);
}

static void script_step(struct script *s, const struct event *event)
{
    static struct effects effects;
    int error = consensus_step(s->consensus, event, &effects);
    if (error != 0)
        buf_append_format(&s->out, "    refused: %s\n", error_code(error));
    for (size_t i = 0; i < effects.count; i++) {
        if (s->crash_before != 0 && effects.item[i].kind == s->crash_before) {
            buf_append_text(&s->out, "    (crash)\n");
            script_crash(s);
            return;
        }
        script_effect(s, &effects.item[i]);
    }
}

static void script_event(struct script *s, const struct event *event)
{
    s->crashed = false;
    script_step(s, event);
    while (s->feed_count > 0 && !s->crashed) {
        struct event own = s->feed[0];
        memmove(s->feed, s->feed + 1, --s->feed_count * sizeof s->feed[0]);
        script_step(s, &own);
    }
}

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
