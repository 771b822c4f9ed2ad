/* Collecting a trail. What belongs to it touches (api/index_touch.h) a record that does: the entry,
 * what else its code is of, and whatever was begun by what belongs: requests and their grants,
 * accesses, disputes, objections. */
#include "node/cli/cli_trail.h"

#include "api/index_touch.h"
#include "base/memory.h"
#include "chain/schema.h"

#include <stdio.h>
#include <string.h>

struct trail {
    char provider[MEMBER_ID_CHARS + 1];
    char *code;
    struct doc *ids;    /* object: state key of what began with something that belongs → true */
    struct doc *duties; /* object: duty code → steps of the provider's duties */
    struct doc *steps;
    char *duty; /* that the entry names, as last submitted */
};

struct trail *trail_open(const char *provider, const char *code)
{
    struct trail *trail = memory_alloc(sizeof *trail);
    (void)snprintf(trail->provider, sizeof trail->provider, "%s", provider);
    trail->code = memory_copy_text(code);
    trail->ids = doc_new_object();
    trail->duties = doc_new_object();
    trail->steps = doc_new_array();
    return trail;
}

void trail_close(struct trail **trail)
{
    if (*trail == NULL) {
        return;
    }
    doc_free(&(*trail)->ids);
    doc_free(&(*trail)->duties);
    doc_free(&(*trail)->steps);
    memory_free((*trail)->code);
    memory_free((*trail)->duty);
    memory_free(*trail);
    *trail = NULL;
}

/* A record of the entry, or what was begun by something that belongs. */
static bool known(const struct trail *trail, const char *subject)
{
    static const char *const of_entry[] = {"change", "collection", "entry", "listing", "refresh"};
    char key[STATE_KEY_BYTES_MAX];
    bool is = doc_get(trail->ids, subject) != NULL;
    for (size_t i = 0; !is && i < sizeof of_entry / sizeof *of_entry; i++) {
        (void)snprintf(key, sizeof key, "%s/%s/%s", of_entry[i], trail->provider, trail->code);
        is = strcmp(subject, key) == 0;
    }
    return is;
}

static struct doc *step_new(const struct header *header, const char *kind, const char *what)
{
    struct doc *step = doc_new_object();
    doc_set_int(step, "height", (int64_t)header->height);
    doc_set_int(step, "time_ms", header->time_ms);
    doc_set_text(step, "kind", kind);
    doc_set_text(step, "what", what);
    return step;
}

static struct doc *tx_step(const struct header *header, const struct tx *tx)
{
    char by[MEMBER_ID_CHARS + KEY_NAME_CHARS_MAX + 2];
    struct doc *step = step_new(header, "transaction", tx->type->chinese);
    (void)snprintf(by, sizeof by, "%s/%s", tx->member, tx->key_name);
    doc_set_text(step, "type", tx->type->name);
    doc_set_text(step, "by", by);
    doc_set_hash(step, "txid", &tx->id);
    doc_set(step, "body", doc_ref(tx->body));
    return step;
}

/* The records that a transaction is about. */
struct about {
    struct trail *trail;
    char txid[2 * HASH_BYTES + 1];
    bool belongs;
};

static int look(void *context, const char *subject)
{
    struct about *about = context;
    about->belongs = about->belongs || known(about->trail, subject);
    return 0;
}

/* What it begins has its id; so has the grant of a request. */
static int remember(void *context, const char *subject)
{
    const struct about *about = context;
    const char *slash = strchr(subject, '/');
    if (slash != NULL && strcmp(slash + 1, about->txid) == 0) {
        char grant[STATE_KEY_BYTES_MAX];
        (void)snprintf(grant, sizeof grant, "grant/%s", about->txid);
        doc_set_bool(about->trail->ids, subject, true);
        doc_set_bool(about->trail->ids, grant, true);
    }
    return 0;
}

static void note_duty(struct trail *trail, const struct header *header, const struct tx *tx)
{
    const char *code = doc_get_text(tx->body, "code");
    const struct doc *before = doc_get(trail->duties, code);
    struct doc *steps = before != NULL ? doc_copy(before) : doc_new_array();
    doc_push(steps, tx_step(header, tx));
    doc_set(trail->duties, code, steps);
}

void trail_transaction(struct trail *trail, const struct header *header, const struct tx *tx)
{
    if (strncmp(tx->type->name, "duty.", 5) == 0) {
        if (strcmp(tx->member, trail->provider) == 0) {
            note_duty(trail, header, tx);
        }
        return;
    }
    struct about about = {.trail = trail};
    hash_to_hex(about.txid, &tx->id);
    (void)touched_by(tx, look, &about);
    if (!about.belongs) {
        return;
    }
    (void)touched_by(tx, remember, &about);
    const char *duty = doc_get_text(doc_get(tx->body, "entry"), "duty");
    if (duty != NULL) {
        memory_free(trail->duty);
        trail->duty = memory_copy_text(duty);
    }
    doc_push(trail->steps, tx_step(header, tx));
}

void trail_act(struct trail *trail, const struct header *header, const struct doc *act)
{
    const char *subject = doc_get_text(act, "subject");
    if (subject == NULL || !known(trail, subject)) {
        return;
    }
    struct doc *step = step_new(header, "act", "自动办理");
    doc_set(step, "act", doc_ref(act));
    doc_push(trail->steps, step);
}

struct doc *trail_result(const struct trail *trail)
{
    struct doc *result = doc_new_object(), *steps = doc_new_array();
    const struct doc *duty = trail->duty != NULL ? doc_get(trail->duties, trail->duty) : NULL;
    size_t next = 0; /* of the duty's, each where its block is */
    for (size_t i = 0; i <= doc_count(trail->steps); i++) {
        const struct doc *step = doc_at(trail->steps, i);
        int64_t height = doc_get_int(step, "height", DOC_INT_MAX);
        while (next < doc_count(duty) &&
               doc_get_int(doc_at(duty, next), "height", 0) <= height) {
            doc_push(steps, doc_ref(doc_at(duty, next++)));
        }
        if (step != NULL) {
            doc_push(steps, doc_ref(step));
        }
    }
    doc_set_text(result, "provider", trail->provider);
    doc_set_text(result, "entry", trail->code);
    doc_set(result, "steps", steps);
    return result;
}
