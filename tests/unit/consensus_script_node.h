/* The node that a script plays with (consensus_script.h): its disk in memory, its words, its
 * effects as text, and its life from start to crash. Header only. */
#ifndef DIRCHAIN_TESTS_UNIT_CONSENSUS_SCRIPT_NODE_H
#define DIRCHAIN_TESTS_UNIT_CONSENSUS_SCRIPT_NODE_H

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

#endif
