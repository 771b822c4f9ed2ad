/* Which records a transaction is about, from its type and the fields that all types name alike:
 *
 *   what it begins      <family>/<its txid>, by its type
 *   what it acts on     a field that is named like a family of records and holds an id
 *   what has a code     of `provider`, of `member`, or else of the signer
 *   entries of a list   `entries`
 *   members             `member`, and who is joined */
#include "api/index_touch.h"

#include "api/matter_kinds.h"
#include "api/read_schema.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct touching {
    const struct tx *tx;
    int (*note)(void *context, const char *subject);
    void *context;
};

static int touch(const struct touching *at, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int touch(const struct touching *at, const char *format, ...)
{
    char subject[STATE_KEY_BYTES_MAX + 1];
    va_list values;
    va_start(values, format);
    vsnprintf(subject, sizeof subject, format, values);
    va_end(values);
    return at->note(at->context, subject);
}

/* PT 31: what the center does about a risk, and reports with it. */
static int touch_risk(const struct touching *at, const char *txid)
{
    static const char *const types[] = {"grant.suspend", "grant.terminate", "key.suspend",
                                        "member.remove", "member.suspend",  "notice.file",
                                        "notice.hold",   "notice.resolve"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i], at->tx->type->name) == 0 && doc_get(at->tx->body, "authority"))
            return touch(at, "risk/%s", txid);
    return 0;
}

static int touch_begun(const struct touching *at)
{
    static const struct {
        const char *type, *family;
    } begins[] = {
        {"access.batch", "open"},
        {"access.open", "open"},
        {"case.open", "case"},
        {"catalog.designate", "designation"},
        {"disclosure.publish", "disclosure"},
        {"dispute.raise", "dispute"},
        {"feedback.submit", "feedback"},
        {"fusion.dispute", "dispute"},
        {"fusion.submit", "fusion"},
        {"incident.report", "incident"},
        {"measure.impose", "measure"},
        {"need.dispute", "dispute"},
        {"need.submit", "need"},
        {"notice.file", "notice"},
        {"onward.ask", "onward"},
        {"quality.object", "objection"},
        {"rectify.order", "rectification"},
        {"request.submit", "request"},
        {"upper.receive", "need"},
    };
    char txid[2 * HASH_BYTES + 1];
    hash_to_hex(txid, &at->tx->id);
    int error = touch_risk(at, txid);
    for (size_t i = 0; !error && i < sizeof begins / sizeof begins[0]; i++)
        if (strcmp(begins[i].type, at->tx->type->name) == 0)
            return touch(at, "%s/%s", begins[i].family, txid);
    return error;
}

static bool is_id(const char *text)
{
    return text && strlen(text) == 2 * HASH_BYTES;
}

/* "request": of a request, and so on; two names say whose it is in other words. */
static int touch_named(const struct touching *at)
{
    static const struct {
        const char *field, *family;
    } others[] = {{"for_need", "need"},
                  {"grant", "grant"},
                  {"open", "open"},
                  {"replaces", "designation"},
                  {"request", "request"}};
    const struct doc *body = at->tx->body;
    int error = 0;
    for (size_t i = 0; !error && matter_kind_at(i); i++) {
        const char *family = matter_kind_at(i)->name, *id = doc_get_text(body, family);
        if (is_id(id))
            error = touch(at, "%s/%s", family, id);
    }
    for (size_t i = 0; !error && i < sizeof others / sizeof others[0]; i++) {
        const char *id = doc_get_text(body, others[i].field);
        if (is_id(id))
            error = touch(at, "%s/%s", others[i].family, id);
    }
    const char *number = doc_get_text(body, "number"); /* of a supplementary catalog */
    if (!error && number && strncmp(at->tx->type->name, "catalog.s", 9) == 0)
        error = touch(at, "supplement/%s", number);
    return error;
}

/* What a code is of, by the type or its family; entries have it where none is said, and where
 * `entry` says so too. */
static int touch_coded(const struct touching *at)
{
    static const struct {
        const char *types, *field, *family;
        bool entry;
    } coded[] = {
        {"catalog.assess", "code", "change", true},
        {"catalog.assess", "code", "collection", true},
        {"catalog.certify", "code", "collection", true},
        {"catalog.change", "code", "change", true},
        {"catalog.collect", "code", "collection", true},
        {"catalog.milestone", "code", "milestone", false},
        {"catalog.report", "code", "collection", true},
        {"catalog.review", "code", "collection", true},
        {"catalog.retire", "code", "change", true},
        {"catalog.withdraw", "code", "change", true},
        {"delegation.", "code", "delegation", false},
        {"duty.", "code", "duty", false},
        {"key.", "name", "key", false},
        {"key.", "new_name", "key", false},
        {"key.", "officer", "officer", false},
        {"officer.", "code", "officer", false},
        {"officer.", "succeeds", "officer", false},
        {"open.", "code", "listing", true},
        {"plan.", "code", "change", true},
    };
    const struct doc *body = at->tx->body;
    const char *type = at->tx->type->name, *code = doc_get_text(body, "code");
    const char *owner = doc_get_text(body, "provider");
    owner = owner ? owner : doc_get_text(body, "member");
    owner = owner ? owner : at->tx->member;
    bool entry = true;
    int error = 0;
    for (size_t i = 0; !error && i < sizeof coded / sizeof coded[0]; i++) {
        if (strncmp(type, coded[i].types, strlen(coded[i].types)) != 0)
            continue;
        const char *text = doc_get_text(body, coded[i].field);
        entry = coded[i].entry;
        if (text)
            error = touch(at, "%s/%s/%s", coded[i].family, owner, text);
    }
    return error || !entry || !code ? error
                                    : touch(at, "entry/%s/%s", owner, code);
}

static int touch_members(const struct touching *at)
{
    const struct doc *body = at->tx->body;
    const char *member = doc_get_text(body, "member");
    const char *joined = doc_get_text(doc_get(body, "join"), "member");
    int error = member ? touch(at, "member/%s", member) : 0;
    return error || !joined ? error : touch(at, "member/%s", joined);
}

/* Entries of a list: each with its code, of whom it says, or else of the signer. */
static int touch_entries(const struct touching *at)
{
    const struct doc *entries = doc_get(at->tx->body, "entries");
    int error = 0;
    for (size_t i = 0; !error && i < doc_count(entries); i++) {
        const struct doc *each = doc_at(entries, i);
        const char *owner = doc_get_text(each, "provider");
        const char *code = doc_text(each) ? doc_text(each) : doc_get_text(each, "code");
        if (code)
            error = touch(at, "entry/%s/%s", owner ? owner : at->tx->member, code);
    }
    return error;
}

int touched_by(const struct tx *tx, int (*note)(void *context, const char *subject), void *context)
{
    const struct touching at = {.tx = tx, .note = note, .context = context};
    const char *owner = doc_get_text(tx->body, "provider");
    const char *entry = doc_get_text(tx->body, "entry");
    const struct doc *parts = doc_get(tx->body, "parts"); /* of a fusion */
    int error = touch_coded(&at);
    if (!error && owner && entry)
        error = touch(&at, "entry/%s/%s", owner, entry);
    for (size_t i = 0; !error && i < doc_count(parts); i++)
        error = touch(&at, "entry/%s/%s", doc_get_text(doc_at(parts, i), "provider"),
                      doc_get_text(doc_at(parts, i), "entry"));
    error = error ? error : touch_entries(&at);
    error = error ? error : touch_named(&at);
    error = error ? error : touch_begun(&at);
    return error ? error : touch_members(&at);
}

/* ---- in the read model ---- */

struct place {
    struct read_model *model;
    const struct store_view *view;
    int64_t seq;
};

/* The key of what the record of this key is about besides, into `out`, "" if nothing. */
static int about(char out[STATE_KEY_BYTES_MAX + 1], const struct store_view *view,
                 const char *subject)
{
    static const char *const families[] = {"request", "need", "fusion"};
    bool dispute = strncmp(subject, "dispute/", 8) == 0;
    AUTO(doc_free) struct doc *record = NULL;
    out[0] = 0;
    if (strncmp(subject, "request/", 8) == 0) /* its grant has its id */
        snprintf(out, STATE_KEY_BYTES_MAX + 1, "grant/%s", subject + 8);
    else if (!dispute)
        return 0;
    int error = store_read_state(&record, view, dispute ? subject : out);
    if (error == ERR_NOT_FOUND)
        out[0] = 0;
    for (size_t i = 0; record && dispute && i < sizeof families / sizeof families[0]; i++) {
        const char *id = doc_get_text(record, families[i]);
        if (id)
            snprintf(out, STATE_KEY_BYTES_MAX + 1, "%s/%s", families[i], id);
    }
    return error == ERR_NOT_FOUND ? 0 : error;
}

int index_touch(struct read_model *model, const struct store_view *view, int64_t seq,
                const char *subject)
{
    char further[STATE_KEY_BYTES_MAX + 1];
    int error = read_model_write(model, read_put_touch, "ti", subject, seq);
    error = error ? error : about(further, view, subject);
    return error || !further[0] ? error : index_touch(model, view, seq, further);
}

static int note_place(void *context, const char *subject)
{
    const struct place *place = context;
    return index_touch(place->model, place->view, place->seq, subject);
}

int index_touch_all(struct read_model *model, const struct store_view *view, int64_t seq,
                    const struct tx *tx)
{
    struct place place = {.model = model, .view = view, .seq = seq};
    return touched_by(tx, note_place, &place);
}
