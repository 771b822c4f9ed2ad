/* Collecting a trail. What belongs to it is known by the ids it has met: the entry's key, then the
 * requests for it (their txid is the grant's id too), then the accesses under those grants. */
#include "node/cli/cli_trail.h"

#include "base/memory.h"
#include "chain/schema.h"

#include <stdio.h>
#include <string.h>

struct trail {
    char provider[MEMBER_ID_CHARS + 1];
    char *code;
    struct doc *ids;    /* object: txid of a request or an access → true */
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

static bool known(const struct trail *trail, const char *id)
{
    return id != NULL && doc_get(trail->ids, id) != NULL;
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

static bool is_entry_act(const struct trail *trail, const struct tx *tx)
{
    const char *provider = doc_get_text(tx->body, "provider");
    return strncmp(tx->type->name, "catalog.", 8) == 0 &&
           doc_text_is(tx->body, "code", trail->code) &&
           strcmp(provider != NULL ? provider : tx->member, trail->provider) == 0;
}

static bool is_request_for_entry(const struct trail *trail, const struct tx *tx)
{
    return strcmp(tx->type->name, "request.submit") == 0 &&
           doc_text_is(tx->body, "provider", trail->provider) &&
           doc_text_is(tx->body, "entry", trail->code);
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
    static const char *const links[] = {"request", "grant", "open"};
    if (strncmp(tx->type->name, "duty.", 5) == 0) {
        if (strcmp(tx->member, trail->provider) == 0) {
            note_duty(trail, header, tx);
        }
        return;
    }
    bool request = is_request_for_entry(trail, tx);
    bool belongs = request || is_entry_act(trail, tx);
    for (size_t i = 0; !belongs && i < sizeof links / sizeof *links; i++) {
        belongs = known(trail, doc_get_text(tx->body, links[i]));
    }
    if (!belongs) {
        return;
    }
    const char *duty = doc_get_text(doc_get(tx->body, "entry"), "duty");
    if (duty != NULL) {
        memory_free(trail->duty);
        trail->duty = memory_copy_text(duty);
    }
    if (request || strncmp(tx->type->name, "access.", 7) == 0) {
        char txid[2 * HASH_BYTES + 1];
        hash_to_hex(txid, &tx->id);
        doc_set_bool(trail->ids, txid, true);
    }
    doc_push(trail->steps, tx_step(header, tx));
}

void trail_act(struct trail *trail, const struct header *header, const struct doc *act)
{
    const char *subject = doc_get_text(act, "subject");
    const char *slash = subject != NULL ? strchr(subject, '/') : NULL;
    char entry[STATE_KEY_BYTES_MAX];
    (void)snprintf(entry, sizeof entry, "entry/%s/%s", trail->provider, trail->code);
    if (slash == NULL || (strcmp(subject, entry) != 0 && !known(trail, slash + 1))) {
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
    for (size_t i = 0; i < doc_count(duty); i++) {
        doc_push(steps, doc_ref(doc_at(duty, i)));
    }
    for (size_t i = 0; i < doc_count(trail->steps); i++) {
        doc_push(steps, doc_ref(doc_at(trail->steps, i)));
    }
    doc_set_text(result, "provider", trail->provider);
    doc_set_text(result, "entry", trail->code);
    doc_set(result, "steps", steps);
    return result;
}
