/* How the simulated network began: members with their keys, and a genesis from the ceremony. The
 * same for all seeds of a process, so the ledger of height 0 is made once and shared. */
#include "sim.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "base/secret.h"
#include "base/uscc.h"
#include "chain/params.h"
#include "genesis/genesis.h"
#include "genesis/join.h"

#include <stdlib.h>
#include <string.h>

#define FOUNDINGS_MAX (2 * SIM_VALIDATORS_MAX)

static struct founding *made[FOUNDINGS_MAX];
static size_t made_count;

/* ---- members ---- */

/* Codes ascend with the index, so that the order of members is that of the hosts. */
static void make_code(char out[MEMBER_ID_CHARS + 1], size_t index)
{
    static const char digits[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    ENSURE(index < 100);
    for (const char *digit = digits; *digit != '\0'; digit++) {
        (void)snprintf(out, MEMBER_ID_CHARS + 1, "1144000000000%u%u00%c", (unsigned)index / 10,
                       (unsigned)index % 10, *digit);
        if (uscc_check(out) == 0)
            return;
    }
    ENSURE(false);
}

static void make_identity(struct sim_identity *out, size_t index)
{
    make_code(out->member, index);
    (void)snprintf(out->listen, sizeof out->listen, "10.0.0.%zu:%d", index, SIM_PEER_PORT);
    for (int key = 0; key < SIM_KEYS; key++) {
        memset(out->secret[key].bytes, (int)(1 + SIM_KEYS * index + (size_t)key), SECRET_KEY_BYTES);
        ENSURE(sign_public_key(&out->public[key], &out -> secret[key]) == 0);
        signs_learn(&out->secret[key]);
    }
    ENSURE(sign_vote_key(&out->vote, &out->secret[SIM_KEY_VOTE]) == 0);
    ENSURE(sign_vote_key(&out->vote_next, &out->secret[SIM_KEY_NEXT]) == 0);
    memset(out->peer_seed, (int)(1 + index), sizeof out->peer_seed);
    secret_peer_key(out->peer.bytes, out->peer_seed);
}

static struct keyfile opened(const struct sim_identity *identity, enum sim_key key)
{
    bool vote = key == SIM_KEY_VOTE;
    struct keyfile file = {.kind = vote ? KEYFILE_VOTE : KEYFILE_OFFICER,
                           .public_len = vote ? VOTE_KEY_BYTES : PUBLIC_KEY_BYTES,
                           .secret = (uint8_t *)(uintptr_t)identity->secret[key].bytes};
    memcpy(file.public_bytes, vote ? identity->vote.bytes : identity->public[key].bytes,
           file.public_len);
    (void)snprintf(file.label, sizeof file.label, "%s/%s", identity->member,
                   key == SIM_KEY_ADMIN  ? "admin"
                   : key == SIM_KEY_VOTE ? "vote"
                                         : "chief");
    return file;
}

static void add_key(struct doc *keys, const struct sim_identity *identity, enum sim_key key,
                    const char *role)
{
    char hex[2 * PUBLIC_KEY_BYTES + 1];
    hex_encode(hex, view_of(identity->public[key].bytes, PUBLIC_KEY_BYTES));
    struct doc *entry = doc_new_object();
    doc_set_text(entry, "name", role);
    doc_set_text(entry, "role", role);
    doc_set_text(entry, "public", hex);
    doc_push(keys, entry);
}

static struct doc *make_join(const struct sim_identity *identity, bool center)
{
    char hex[2 * PEER_KEY_BYTES + 1];
    struct doc *join = doc_new_object();
    struct doc *parties = doc_new_array();
    struct doc *keys = doc_new_array();
    doc_push_text(parties, center ? "center" : "provider");
    add_key(keys, identity, SIM_KEY_CHIEF, "chief");
    add_key(keys, identity, SIM_KEY_COMPILE, "compile");
    if (center)
        add_key(keys, identity, SIM_KEY_ADMIN, "admin");
    doc_set_text(join, "format", "dirchain-join/1");
    doc_set_text(join, "member", identity->member);
    doc_set_format(join, "name", "单位 %s", identity->member);
    doc_set(join, "parties", parties);
    doc_set_text(join, "peer_endpoint", identity->listen);
    doc_set_format(join, "gateway_endpoint", "%s", identity->listen);
    hex_encode(hex, view_of(identity->vote.bytes, VOTE_KEY_BYTES));
    doc_set_text(join, "vote_key", hex);
    hex_encode(hex, view_of(identity->peer.bytes, PEER_KEY_BYTES));
    doc_set_text(join, "peer_key", hex);
    doc_set(join, "keys", keys);
    struct faults faults = {0};
    struct keyfile chief = opened(identity, SIM_KEY_CHIEF), vote = opened(identity, SIM_KEY_VOTE);
    ENSURE(join_sign(join, &faults, &chief, &vote) == 0);
    return join;
}

/* ---- genesis ---- */

static struct doc *read_sample(const char *name)
{
    static const char top[] = DIRCHAIN_SOURCE_DIR "/samples/";
    char path[512];
    (void)snprintf(path, sizeof path, "%s%s", top, name);
    AUTO(buf_free) struct buf text = {0};
    FILE *file = fopen(path, "rb");
    struct doc *doc = NULL;
    char piece[4096];
    for (size_t got = 1; file != NULL && got > 0;) {
        got = fread(piece, 1, sizeof piece, file);
        buf_append(&text, piece, got);
    }
    if (file == NULL || doc_parse(&doc, view_of_buf(&text), 1 << 20) != 0) {
        (void)fprintf(stderr, "dirchain-sim: %s cannot be read\n", path);
        exit(3);
    }
    (void)fclose(file);
    return doc;
}

static struct doc *make_params(void)
{
    struct doc *params = doc_new_object();
    doc_set_int(params, "idle_block_ms", 1500);
    doc_set_int(params, "precision_ms", 100);
    doc_set_int(params, "message_delay_ms", 300);
    doc_set_int(params, "tx_lifetime_ms", 20000);
    doc_set_int(params, "outage_ms", 30000);
    doc_set_int(params, "block_txs_max", 50);
    doc_set_int(params, "evidence_max_age", 20);
    return params;
}

static void make_genesis(struct founding *founding)
{
    AUTO(doc_free) struct doc *profile = read_sample("profiles/putuo.json");
    AUTO(doc_free) struct doc *notice = read_sample("calendar/2026.json");
    AUTO(doc_free) struct doc *params = make_params();
    AUTO(doc_free) struct doc *calendars = doc_new_array();
    AUTO(doc_free) struct doc *joins = doc_new_array();
    AUTO(doc_free) struct doc *validators = doc_new_array();
    struct doc *calendar = NULL;
    struct faults faults = {0};
    const struct sim_identity *center = &founding->member[founding->validators];
    ENSURE(civil_calendar_from_notice(&calendar, &faults, notice) == 0);
    doc_push(calendars, calendar);
    for (size_t i = 0; i < founding->members; i++) {
        doc_push(joins, make_join(&founding->member[i], &founding->member[i] == center));
        if (i < founding->validators)
            doc_push_text(validators, founding->member[i].member);
    }
    const struct genesis_plan plan = {.network = "simulation",
                                      .test = true,
                                      .time_ms = SIM_WALL_MS,
                                      .center = center->member,
                                      .params = params,
                                      .profile = profile,
                                      .calendars = calendars,
                                      .joins = joins,
                                      .validators = validators};
    struct keyfile admin = opened(center, SIM_KEY_ADMIN);
    int error = genesis_make(&founding->genesis, &faults, &plan, &admin);
    if (error != 0) {
        (void)fprintf(stderr, "dirchain-sim: genesis: %s %s\n", error_code(error),
                      faults.count > 0 ? faults.item[0].field : "");
        exit(3);
    }
    genesis_hash(&founding->genesis_hash, founding->genesis);
}

static struct founding *make(size_t validators, bool real_signatures)
{
    struct founding *founding = memory_alloc(sizeof *founding);
    struct faults faults = {0};
    struct app *app = NULL;
    founding->validators = validators;
    founding->members = validators + 2;
    founding->real_signatures = real_signatures;
    for (size_t i = 0; i < founding->members; i++)
        make_identity(&founding->member[i], i);
    make_genesis(founding);
    founding->kv = kv_open_memory();
    ENSURE(app_open(&app, &faults, founding->kv, founding->genesis, &founding->genesis_hash) == 0);
    app_close(&app);
    return founding;
}

const struct founding *founding_of(size_t validators, bool real_signatures)
{
    signs_real = real_signatures;
    for (size_t i = 0; i < made_count; i++) {
        if (made[i]->validators == validators && made[i]->real_signatures == real_signatures)
            return made[i];
    }
    ENSURE(made_count < FOUNDINGS_MAX);
    return made[made_count++] = make(validators, real_signatures);
}

void founding_free_all(void)
{
    for (size_t i = 0; i < made_count; i++) {
        doc_free(&made[i]->genesis);
        kv_close(&made[i]->kv);
        memory_free(made[i]);
    }
    made_count = 0;
}
