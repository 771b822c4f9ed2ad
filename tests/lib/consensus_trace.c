/* The trace as JSON lines. Every event and effect is one object with its "kind" and its fields,
 * named as in the specification. */
#include "consensus_trace.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define HASH_SHOWN_BYTES 8
#define BUFFER_BYTES (1U << 20)

static FILE *trace;

void consensus_trace_open(const char *path)
{
    trace = fopen(path, "w");
    if (trace == NULL) {
        perror(path);
        exit(3);
    }
    (void)setvbuf(trace, NULL, _IOFBF, BUFFER_BYTES);
}

bool consensus_trace_is_open(void)
{
    return trace != NULL;
}

void consensus_trace_close(void)
{
    if (trace != NULL && fclose(trace) != 0) {
        perror("trace");
        exit(3);
    }
    trace = NULL;
}

/* ---- parts ---- */

static void put_hash(const char *name, const struct hash *hash)
{
    (void)fprintf(trace, ",\"%s\":\"", name);
    for (size_t i = 0; !hash_is_zero(hash) && i < HASH_SHOWN_BYTES; i++)
        (void)fprintf(trace, "%02x", hash->bytes[i]);
    (void)fputc('"', trace);
}

static void put_number(const char *name, int64_t number)
{
    (void)fprintf(trace, ",\"%s\":%" PRId64, name, number);
}

static void put_text(const char *name, const char *text)
{
    (void)fprintf(trace, ",\"%s\":\"%s\"", name, text);
}

static void put_bool(const char *name, bool value)
{
    (void)fprintf(trace, ",\"%s\":%s", name, value ? "true" : "false");
}

static void put_header(const struct header *header)
{
    struct hash hash;
    header_hash(&hash, header);
    (void)fprintf(trace, ",\"header\":{\"version\":%d", (int)header->version);
    put_hash("hash", &hash);
    put_hash("genesis", &header->genesis);
    put_number("height", (int64_t)header->height);
    put_number("time_ms", header->time_ms);
    put_hash("previous", &header->previous);
    put_text("proposer", header->proposer);
    (void)fputc('}', trace);
}

static const char *vote_name(enum vote_type type)
{
    return type == VOTE_PREVOTE ? "prevote" : type == VOTE_PRECOMMIT ? "precommit" : "other";
}

static void put_vote(const struct vote *vote)
{
    put_text("message", vote_name(vote->type));
    put_number("height", (int64_t)vote->height);
    put_number("round", vote->round);
    put_hash("block", &vote->block);
    put_text("validator", vote->validator);
}

static void put_message(const struct message *message)
{
    if (message->kind != MESSAGE_PROPOSAL) {
        put_vote(&message->vote);
        return;
    }
    const struct proposal *proposal = &message->proposal;
    put_text("message", "proposal");
    put_number("height", (int64_t)proposal->height);
    put_number("round", proposal->round);
    put_number("valid_round", proposal->valid_round);
    put_hash("block", &proposal->block);
    put_header(&proposal->header);
}

static void put_timing(const struct consensus_timing *timing)
{
    (void)fprintf(trace,
                  ",\"timing\":{\"propose\":[%" PRId64 ",%" PRId64 "],\"prevote\":[%" PRId64
                  ",%" PRId64 "],\"precommit\":[%" PRId64 ",%" PRId64 "]",
                  timing->propose_ms, timing->propose_step_ms, timing->prevote_ms,
                  timing->prevote_step_ms, timing->precommit_ms, timing->precommit_step_ms);
    put_number("idle_block_ms", timing->idle_block_ms);
    put_number("precision_ms", timing->precision_ms);
    put_number("message_delay_ms", timing->message_delay_ms);
    (void)fputc('}', trace);
}

static void put_set(const char *name, const struct validator_set *set)
{
    (void)fprintf(trace, ",\"%s\":[", name);
    for (size_t i = 0; i < set->count; i++) {
        (void)fprintf(trace, "%s[\"%s\",\"", i > 0 ? "," : "", set->item[i].member);
        for (size_t j = 0; j < HASH_SHOWN_BYTES; j++)
            (void)fprintf(trace, "%02x", set->item[i].key.bytes[j]);
        (void)fputs("\"]", trace);
    }
    (void)fputc(']', trace);
}

static void put_kept(const char *name, const struct safety_vote *votes, size_t count)
{
    (void)fprintf(trace, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(trace, "%s{\"index\":%d", i > 0 ? "," : "", (int)votes[i].validator);
        put_hash("block", &votes[i].block);
        (void)fputc('}', trace);
    }
    (void)fputc(']', trace);
}

static void put_signed(const char *name, const struct message *message)
{
    (void)fprintf(trace, ",\"%s\":{\"signed\":true", name);
    put_message(message);
    (void)fputc('}', trace);
}

static void put_record(const struct safety_record *record)
{
    (void)fprintf(trace, ",\"record\":{\"height\":%" PRIu64, record->height);
    put_number("round", record->round);
    put_number("step", (int64_t)record->step);
    put_number("locked_round", record->locked_round);
    put_hash("locked_block", &record->locked_block);
    put_number("valid_round", record->valid_round);
    put_hash("valid_block", &record->valid_block);
    put_number("hold_height", (int64_t)record->hold_height);
    if (record->has_proposal)
        put_signed("proposal",
                   &(struct message){.kind = MESSAGE_PROPOSAL, .proposal = record->proposal});
    if (record->has_prevote)
        put_signed("prevote", &(struct message){.kind = MESSAGE_VOTE, .vote = record->prevote});
    if (record->has_precommit)
        put_signed("precommit", &(struct message){.kind = MESSAGE_VOTE, .vote = record->precommit});
    put_kept("valid_prevotes", record->valid_prevotes, record->valid_prevote_count);
    put_kept("entry_precommits", record->entry_precommits, record->entry_precommit_count);
    (void)fputc('}', trace);
}

static const char *timer_name(enum timer_kind kind)
{
    static const char *const name[TIMER_KINDS] = {"idle", "propose", "prevote", "precommit"};
    return kind < TIMER_KINDS ? name[kind] : "other";
}

/* ---- events ---- */

static void put_start(const struct event_start_height *start)
{
    put_text("kind", "start_height");
    put_number("height", (int64_t)start->height);
    put_set("set", start->set);
    if (start->next_set)
        put_set("next_set", start->next_set);
    put_hash("previous", &start->previous);
    put_number("previous_time_ms", start->previous_time_ms);
    put_bool("work", start->work);
    if (start->resume)
        put_record(start->resume);
    if (start->timing)
        put_timing(start->timing);
}

static void put_event(const struct event *event)
{
    (void)fprintf(trace, ",\"event\":{\"now_ms\":%" PRId64, event->now_ms);
    switch (event->kind) {
    case EVENT_START_HEIGHT:
        put_start(&event->start);
        break;
    case EVENT_MESSAGE:
        put_text("kind", "message");
        put_message(&event->message.message);
        put_number("received_ms", event->message.received_ms);
        put_bool("verified", event->message.verified);
        break;
    case EVENT_BUILT:
        put_text("kind", "built");
        put_number("height", (int64_t)event->built.height);
        put_number("round", event->built.round);
        put_header(&event->built.header);
        break;
    case EVENT_VERDICT:
        put_text("kind", "verdict");
        put_hash("block", &event->verdict.block);
        put_bool("valid", event->verdict.valid);
        put_header(&event->verdict.header);
        break;
    case EVENT_WORK:
        put_text("kind", "work");
        break;
    case EVENT_TIMEOUT:
        put_text("kind", "timeout");
        put_text("timer", timer_name(event->timeout.kind));
        put_number("height", (int64_t)event->timeout.height);
        put_number("round", event->timeout.round);
        break;
    case EVENT_LOST:
        put_text("kind", "lost");
        put_hash("block", &event->lost.block);
        break;
    }
    (void)fputc('}', trace);
}

/* ---- effects ---- */

static void put_certificate(const struct certificate *certificate)
{
    put_number("height", (int64_t)certificate->height);
    put_number("round", certificate->round);
    put_hash("certified", &certificate->block);
    (void)fputs(",\"signers\":[", trace);
    for (size_t i = 0; i < certificate->count; i++)
        (void)fprintf(trace, "%s\"%s\"", i > 0 ? "," : "", certificate->signer[i].member);
    (void)fputc(']', trace);
}

static void put_evidence(const struct evidence *evidence)
{
    put_text("kind", "evidence");
    put_vote(&evidence->a);
    (void)fputs(",\"against\":{\"signed\":true", trace);
    put_vote(&evidence->b);
    (void)fputc('}', trace);
}

static void put_effect(const struct effect *effect)
{
    (void)fputs("{\"effect\":true", trace);
    switch (effect->kind) {
    case EFFECT_PERSIST:
        put_text("kind", "persist");
        put_hash("body", &effect->persist.body);
        put_record(effect->persist.record);
        break;
    case EFFECT_SEND:
        put_text("kind", "send");
        put_message(&effect->send);
        break;
    case EFFECT_EXECUTE:
        put_text("kind", "execute");
        put_hash("block", &effect->execute.block);
        put_bool("has_header", effect->execute.has_header);
        break;
    case EFFECT_BUILD:
        put_text("kind", "build");
        put_number("height", (int64_t)effect->build.height);
        put_number("round", effect->build.round);
        put_number("time_ms", effect->build.time_ms);
        break;
    case EFFECT_DECIDE:
        put_text("kind", "decide");
        put_hash("block", &effect->decide.block);
        put_certificate(effect->decide.certificate);
        break;
    case EFFECT_EVIDENCE:
        put_evidence(&effect->evidence);
        break;
    case EFFECT_DIVERGED:
        put_text("kind", "diverged");
        put_hash("block", &effect->diverged.block);
        put_number("round", effect->diverged.round);
        break;
    case EFFECT_TIMER:
        put_text("kind", "timer");
        put_text("timer", timer_name(effect->timer.kind));
        put_number("height", (int64_t)effect->timer.height);
        put_number("round", effect->timer.round);
        put_number("delay_ms", effect->timer.delay_ms);
        break;
    }
    (void)fputc('}', trace);
}

static void put_status(const char *name, const struct consensus_status *status)
{
    (void)fprintf(trace, ",\"%s\":{\"height\":%" PRIu64, name, status->height);
    put_number("round", status->round);
    put_number("step", (int64_t)status->step);
    put_number("locked_round", status->locked_round);
    put_hash("locked_block", &status->locked_block);
    put_number("valid_round", status->valid_round);
    put_hash("valid_block", &status->valid_block);
    put_bool("validator", status->validator);
    put_number("proposer", (int64_t)status->proposer);
    (void)fputc('}', trace);
}

/* ---- lines ---- */

void consensus_trace_world(uint64_t seed, const struct consensus_timing *timing)
{
    if (trace == NULL)
        return;
    (void)fprintf(trace, "{\"world\":%" PRIu64, seed);
    if (timing)
        put_timing(timing);
    (void)fputs("}\n", trace);
}

void consensus_trace_step(const struct trace_node *node, const struct consensus_status *before,
                          const struct event *event, int error, const struct effects *effects,
                          const struct consensus_status *after)
{
    if (trace == NULL)
        return;
    (void)fprintf(trace, "{\"node\":\"%s\",\"member\":\"%s\",\"life\":%u", node->name, node->member,
                  node->life);
    put_bool("honest", node->honest);
    put_hash("genesis", node->genesis);
    put_status("before", before);
    put_event(event);
    put_text("result", error_code(error));
    (void)fputs(",\"effects\":[", trace);
    for (size_t i = 0; i < effects->count; i++) {
        if (i > 0)
            (void)fputc(',', trace);
        put_effect(&effects->item[i]);
    }
    (void)fputc(']', trace);
    put_status("after", after);
    if (fputs("}\n", trace) < 0) {
        perror("trace");
        exit(3);
    }
}
