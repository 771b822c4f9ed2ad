/* Judging releases. Every refusal names the field of the open or grant and the clause behind it. */
#include "exchange/release.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/key_record.h"
#include "chain/receipt.h"
#include "chain/rules/bars.h"
#include "chain/rules/catalog.h"
#include "chain/schema.h"
#include "exchange/records.h"
#include "exchange/scope.h"

#include <stdio.h>
#include <string.h>

void release_open_free(struct release_open *open)
{
    doc_free(&open->body);
    *open = (struct release_open){0};
}

/* ---- who asks ---- */

int release_caller(char member[MEMBER_ID_CHARS + 1], const struct store_view *view,
                   const uint8_t key[32])
{
    AUTO(doc_free) struct doc *peer = NULL;
    AUTO(doc_free) struct doc *record = NULL;
    char hex[2 * 32 + 1];
    hex_encode(hex, view_of(key, 32));
    member[0] = 0;
    int error = record_read(&peer, view, "peer/%s", hex);
    const char *id = doc_get_text(peer, "member");
    if (error != 0 || id == NULL) {
        return error != 0 && error != ERR_NOT_FOUND ? error : ERR_PEER;
    }
    error = record_read(&record, view, "member/%s", id);
    if (error != 0) {
        return error == ERR_NOT_FOUND ? ERR_PEER : error;
    }
    if (!doc_text_is(record, "peer_key", hex)) { /* another one took its place */
        return ERR_PEER;
    }
    (void)snprintf(member, MEMBER_ID_CHARS + 1, "%s", id);
    return 0;
}

/* ---- what was opened ---- */

/* The proof is the one an auditor would take away: log inclusion, header, certificate by the
 * validators that the history from genesis leads to, and the signer's key on record. */
int release_certify(struct release_open *out, struct faults *faults, const struct store_view *view,
                    const struct doc *genesis, const struct hash *genesis_hash,
                    const struct hash *open)
{
    AUTO(doc_free) struct doc *receipt = NULL;
    AUTO(receipt_facts_free) struct receipt_facts facts = {0};
    *out = (struct release_open){.id = *open};
    hash_to_hex(out->hex, open);
    int error = receipt_make(&receipt, view, open);
    if (error == ERR_NOT_FOUND) {
        return faults_add(faults, ERR_NO_CERTIFICATE, "E2", "open");
    }
    if (error != 0) {
        return faults_add(faults, error, NULL, "open");
    }
    if (receipt_verify(&facts, faults, receipt, genesis, genesis_hash) != 0 ||
        !hash_equal(&facts.txid, open)) {
        return faults_add(faults, ERR_NO_CERTIFICATE, "E2", "open");
    }
    if (strcmp(facts.tx->type->name, "access.open") != 0 ||
        !doc_text_is(facts.tx->body, "method", RELEASE_METHOD)) {
        return faults_add(faults, ERR_NOT_GRANTED, "E2", "open");
    }
    memcpy(out->consumer, facts.tx->member, sizeof out->consumer);
    memcpy(out->key_name, facts.tx->key_name, sizeof out->key_name);
    out->body = doc_ref(facts.tx->body);
    return 0;
}

/* ---- may it leave now ---- */

/* A ledger that has stood still may not know yet that a grant was suspended. */
static int judge_age(struct faults *faults, const struct release_facts *facts)
{
    int64_t age_max_ms = doc_get_int(facts->params, "release_max_age_ms", 0);
    return facts->now_ms - facts->tip_time_ms > age_max_ms
               ? faults_add(faults, ERR_STALE_LEDGER, NULL, "tip")
               : 0;
}

/* CESI 6.4.2, PT 30: one committed record, one transfer, within its time. */
static int judge_open(struct faults *faults, const char *provider, const char *caller,
                      const struct release_facts *facts)
{
    const struct doc *open = facts->open;
    if (open == NULL || doc_get(open, "provider_receipt") != NULL ||
        doc_get(open, "consumer_receipt") != NULL) {
        return faults_add(faults, ERR_OPEN_CLOSED, "E2", "open");
    }
    if (!doc_text_is(open, "provider", provider) || !doc_text_is(open, "consumer", caller)) {
        return faults_add(faults, ERR_NOT_GRANTED, "E2", "open");
    }
    int64_t expires_ms = doc_get_int(open, "expires_ms", 0);
    return facts->now_ms >= expires_ms || facts->tip_time_ms >= expires_ms
               ? faults_add(faults, ERR_OPEN_EXPIRED, "E2", "open")
               : 0;
}

static int judge_status(struct faults *faults, const struct doc *grant)
{
    static const struct {
        const char *status;
        int error;
    } not_active[] = {
        {"suspended", ERR_GRANT_SUSPENDED}, {"ended", ERR_GRANT_EXPIRED},
        {"terminated", ERR_GRANT_EXPIRED},  {"expired", ERR_GRANT_EXPIRED},
        {"agreement", ERR_NOT_GRANTED},
    };
    if (doc_text_is(grant, "status", "active")) {
        return 0;
    }
    for (size_t i = 0; i < sizeof not_active / sizeof *not_active; i++) {
        if (doc_text_is(grant, "status", not_active[i].status)) {
            return faults_add(faults, not_active[i].error, "D10", "grant.status");
        }
    }
    return faults_add(faults, ERR_NOT_GRANTED, "D10", "grant.status");
}

static bool same_if_granted(const struct doc *grant, const char *granted, const struct doc *body,
                            const char *stated)
{
    const char *text = doc_get_text(grant, granted);
    return text == NULL || doc_text_is(body, stated, text);
}

/* PT 25: 应当限于共享需求申请时所承诺的应用场景范围. */
static int judge_grant(struct faults *faults, const struct doc *body, const char *provider,
                       const char *caller, const struct release_facts *facts)
{
    const struct doc *grant = facts->grant;
    if (!doc_text_is(grant, "provider", provider) || !doc_text_is(grant, "consumer", caller)) {
        return faults_add(faults, ERR_NOT_GRANTED, "D10", "grant");
    }
    int error = judge_status(faults, grant);
    if (error != 0) {
        return error;
    }
    if (facts->now_ms >= doc_get_int(grant, "expires_ms", 0)) {
        return faults_add(faults, ERR_GRANT_EXPIRED, "D10", "grant.expires_ms");
    }
    if (!doc_text_is(grant, "mode", RELEASE_METHOD)) {
        return faults_add(faults, ERR_NOT_GRANTED, "D10", "grant.mode");
    }
    if (!same_if_granted(grant, "system", body, "system")) {
        return faults_add(faults, ERR_PURPOSE, "PT 25", "system");
    }
    if (!same_if_granted(grant, "purpose", body, "purpose")) {
        return faults_add(faults, ERR_PURPOSE, "PT 25", "purpose");
    }
    return 0;
}

/* CN 14: what was ruled not to be shared flows no more, whatever was granted. An applicant's grant
 * goes by the open list, where there is one. */
static int judge_ruling(struct faults *faults, const struct release_facts *facts)
{
    char field[FAULT_FIELD_BYTES_MAX];
    bool by_list = doc_get(facts->grant, "applicant") != NULL && facts->listing != NULL;
    return !by_list && ruling_bars(facts->entry, facts->grant, field, sizeof field)
               ? faults_add(faults, ERR_NOT_SHARED, "CN 14", "%s", field)
               : 0;
}

/* PT 31, OPEN 31, 32: nothing that came after the open stands against it. */
static int judge_bars(struct faults *faults, const struct release_facts *facts)
{
    struct access_bar bar;
    const struct access_bars bars = {
        .halt = facts->halt, .restriction = facts->restriction, .bar = facts->bar};
    int error = access_barred(&bar, &bars, facts->grant, facts->now_ms);
    return error == 0 ? 0 : faults_add(faults, error, bar.clause, "%s", bar.field);
}

/* PT 31: neither side is suspended, or has left. */
static int judge_members(struct faults *faults, const struct release_facts *facts)
{
    const struct {
        const char *field;
        const struct doc *member;
        int gone;
    } sides[] = {{"consumer", facts->consumer, ERR_CONSUMER},
                 {"provider", facts->provider, ERR_PROVIDER}};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        if (!doc_text_is(sides[i].member, "status", "active")) {
            bool suspended = doc_text_is(sides[i].member, "status", "suspended");
            return faults_add(faults, suspended ? ERR_TX_SUSPENDED : sides[i].gone, "PT 31", "%s",
                              sides[i].field);
        }
    }
    return 0;
}

/* PT 29: what a key opened does not outlast it: the key that signed the open, or that of the
 * operator whom it names (CESI 6.4.2), may be lost or in other hands. One that is suspended may be
 * restored; one that is retired, as by its rotation, opened this for the last time. And without a
 * key of ours nothing leaves: nobody could sign for it. */
static int judge_keys(struct faults *faults, const struct release_facts *facts)
{
    const struct {
        const char *field;
        const struct doc *key;
    } keys[] = {{"open.key", facts->signer}, {"open.operator", facts->user}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        int error = key_check(keys[i].key, facts->height + 1);
        if (error != 0) {
            return faults_add(faults, error == ERR_KEY_SUSPENDED ? error : ERR_ACCESS_KEY, "PT 29",
                              "%s", keys[i].field);
        }
    }
    return key_check(facts->sender, facts->height + 1) == 0
               ? 0
               : faults_add(faults, ERR_PROVIDER_KEY, "PT 29", "provider.key");
}

int release_judge(struct faults *faults, const struct release_open *open, const char *provider,
                  const char *caller, const struct release_facts *facts)
{
    if (strcmp(open->consumer, caller) != 0) {
        return faults_add(faults, ERR_NOT_GRANTED, "E2", "open");
    }
    int error = judge_age(faults, facts);
    error = error != 0 ? error : judge_open(faults, provider, caller, facts);
    error = error != 0 ? error : judge_grant(faults, open->body, provider, caller, facts);
    error = error != 0 ? error : judge_ruling(faults, facts);
    error = error != 0 ? error : judge_bars(faults, facts);
    error = error != 0 ? error : judge_members(faults, facts);
    return error != 0 ? error : judge_keys(faults, facts);
}

/* ---- what the ledger says ---- */

/* Of a grant, and of whose data it gives to whom; absent ones stay NULL: the judge says what their
 * absence means. */
struct ledger_facts {
    struct doc *params, *open, *grant, *provider, *consumer, *restriction;
    struct doc *halt, *bar, *entry, *listing, *signer, *user, *sender;
};

static void ledger_facts_free(struct ledger_facts *facts)
{
    struct doc **const all[] = {
        &facts->params,      &facts->open, &facts->grant, &facts->provider, &facts->consumer,
        &facts->restriction, &facts->halt, &facts->bar,   &facts->entry,    &facts->listing,
        &facts->signer,      &facts->user, &facts->sender};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        doc_free(all[i]);
    }
}

static int read_optional(struct doc **out, const struct store_view *view, const char *table,
                         const char *id)
{
    int error = id == NULL ? ERR_NOT_FOUND : record_read(out, view, "%s/%s", table, id);
    return error == ERR_NOT_FOUND ? 0 : error;
}

/* A record about the entry that a grant is on. */
static int read_of_entry(struct doc **out, const struct store_view *view, const char *table,
                         const struct doc *grant)
{
    const char *provider = doc_get_text(grant, "provider"), *entry = doc_get_text(grant, "entry");
    int error = provider == NULL || entry == NULL
                    ? ERR_NOT_FOUND
                    : record_read(out, view, "%s/%s/%s", table, provider, entry);
    return error == ERR_NOT_FOUND ? 0 : error;
}

static int read_bar(struct doc **out, const struct store_view *view, const struct doc *grant)
{
    char key[BAR_KEY_BYTES];
    const struct bar_use use = bar_use_of(grant);
    if (use.consumer == NULL || use.provider == NULL || use.entry == NULL) {
        return 0;
    }
    bar_key(key, "bar", &use);
    int error = record_read(out, view, "%s", key);
    return error == ERR_NOT_FOUND ? 0 : error;
}

/* What the scope of a grant rests on. The open list is about applicants alone. */
static int read_scope_facts(struct ledger_facts *out, const struct store_view *view,
                            const struct doc *grant)
{
    int error = read_of_entry(&out->entry, view, "entry", grant);
    error = error != 0 ? error : read_bar(&out->bar, view, grant);
    return error != 0 || doc_get(grant, "applicant") == NULL
               ? error
               : read_of_entry(&out->listing, view, "listing", grant);
}

static int read_key(struct doc **out, const struct store_view *view, const char *member,
                    const char *name)
{
    int error = name == NULL ? ERR_NOT_FOUND : record_read(out, view, "key/%s/%s", member, name);
    return error == ERR_NOT_FOUND ? 0 : error;
}

/* The open's own key mostly is that of the operator too. */
static int read_keys(struct ledger_facts *out, const struct store_view *view,
                     const struct release_open *open, const char *provider, const char *key_name)
{
    const char *user = doc_get_text(open->body, "operator");
    int error = read_key(&out->signer, view, open->consumer, open->key_name);
    if (error == 0 && user != NULL && strcmp(user, open->key_name) == 0) {
        out->user = out->signer == NULL ? NULL : doc_ref(out->signer);
    } else if (error == 0) {
        error = read_key(&out->user, view, open->consumer, user);
    }
    return error != 0 ? error : read_key(&out->sender, view, provider, key_name);
}

static int read_facts(struct ledger_facts *out, const struct store_view *view,
                      const struct release_open *open, const char *provider, const char *key_name)
{
    const char *consumer = open->consumer;
    int error = record_read(&out->params, view, "params");
    error = error != 0 ? error : read_optional(&out->open, view, "open", open->hex);
    error = error != 0
                ? error
                : read_optional(&out->grant, view, "grant", doc_get_text(open->body, "grant"));
    error = error != 0 ? error : read_optional(&out->provider, view, "member", provider);
    error = error != 0 ? error : read_optional(&out->consumer, view, "member", consumer);
    error = error != 0 ? error : read_optional(&out->restriction, view, "restriction", consumer);
    error = error != 0 ? error : read_keys(out, view, open, provider, key_name);
    error = error != 0 ? error : read_of_entry(&out->halt, view, "halt", out->grant);
    return error != 0 ? error : read_scope_facts(out, view, out->grant);
}

static struct doc *scope_by(const struct ledger_facts *facts, const struct doc *grant)
{
    const struct scope_records records = {
        .grant = grant, .entry = facts->entry, .bar = facts->bar, .listing = facts->listing};
    return scope_of(&records);
}

int release_read_scope(struct doc **scope, const struct store_view *view, const struct doc *grant)
{
    AUTO(ledger_facts_free) struct ledger_facts facts = {0};
    int error = read_scope_facts(&facts, view, grant);
    *scope = error != 0 ? NULL : scope_by(&facts, grant);
    return error;
}

struct release_look {
    struct hash tip;
    struct ledger_facts facts;
    struct doc *scope;
};

void release_look_free(struct release_look **look)
{
    if (*look != NULL) {
        ledger_facts_free(&(*look)->facts);
        doc_free(&(*look)->scope);
        memory_free(*look);
        *look = NULL;
    }
}

const struct doc *release_scope(const struct release_look *look)
{
    return look->scope;
}

/* The state of a tip never changes: its header's hash says whether this is the same. */
static int look_again(struct release_look **look, const struct release_open *open,
                      const struct store_view *view, const char *provider, const char *key_name)
{
    struct hash tip;
    header_hash(&tip, &view->tip);
    if (*look != NULL && hash_equal(&(*look)->tip, &tip)) {
        return 0;
    }
    release_look_free(look);
    struct release_look *fresh = memory_alloc(sizeof *fresh);
    fresh->tip = tip;
    int error = read_facts(&fresh->facts, view, open, provider, key_name);
    if (error != 0) {
        release_look_free(&fresh);
        return error;
    }
    fresh->scope = scope_by(&fresh->facts, fresh->facts.grant);
    *look = fresh;
    return 0;
}

int release_check(struct release_look **look, struct faults *faults,
                  const struct release_open *open, const struct store_view *view,
                  const char *provider, const char *key_name, const char *caller, int64_t now_ms)
{
    int error = look_again(look, open, view, provider, key_name);
    if (error != 0) {
        return faults_add(faults, error, NULL, "ledger");
    }
    const struct ledger_facts *read = &(*look)->facts;
    const struct release_facts facts = {.now_ms = now_ms,
                                        .tip_time_ms = view->tip.time_ms,
                                        .height = view->height,
                                        .params = read->params,
                                        .open = read->open,
                                        .grant = read->grant,
                                        .provider = read->provider,
                                        .consumer = read->consumer,
                                        .signer = read->signer,
                                        .user = read->user,
                                        .sender = read->sender,
                                        .halt = read->halt,
                                        .restriction = read->restriction,
                                        .bar = read->bar,
                                        .entry = read->entry,
                                        .listing = read->listing};
    return release_judge(faults, open, provider, caller, &facts);
}

/* ---- on record ---- */

const char *release_refusal_reason(int error)
{
    switch (error) {
    case ERR_NOT_GRANTED:
    case ERR_NOT_SHARED:
    case ERR_CONSUMER:
    case ERR_PROVIDER:
    case ERR_ACCESS_KEY:
        return "not-granted";
    case ERR_GRANT_SUSPENDED:
    case ERR_ENTRY_HALTED:
    case ERR_ACCESS_CLOSED:
    case ERR_TX_SUSPENDED:
    case ERR_KEY_SUSPENDED:
        return "suspended";
    case ERR_GRANT_EXPIRED:
    case ERR_OPEN_EXPIRED:
        return "expired";
    case ERR_PURPOSE:
        return "off-purpose";
    case ERR_SCOPE:
    case ERR_SCOPE_NARROWED:
        return "off-scope";
    case ERR_QUOTA:
        return "over-quota";
    default:
        return NULL;
    }
}

bool release_is_over(int error)
{
    static const int over[] = {ERR_NOT_SHARED,  ERR_CONSUMER,      ERR_PROVIDER,
                               ERR_ACCESS_KEY,  ERR_PURPOSE,       ERR_OPEN_EXPIRED,
                               ERR_OPEN_CLOSED, ERR_GRANT_EXPIRED, ERR_SCOPE_NARROWED};
    for (size_t i = 0; i < sizeof over / sizeof *over; i++) {
        if (over[i] == error) {
            return true;
        }
    }
    return false;
}
