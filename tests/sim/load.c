/* Clients of the nodes' API: small real transactions at random nodes, some of them invalid, and now
 * and then a change of the validators by the center. What was acknowledged must be on every node
 * at the end; what is invalid must never be acknowledged. A duty that is valid is refused where it
 * has expired, or was handed in before, and for nothing else; after all is healed it is in the
 * chain some blocks later, whoever took it. No word about it has only a node that ends. */
#include "sim.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/store.h"

#include <string.h>

#define LOAD_MS 500        /* between submissions, on average */
#define ORDERS_OPEN_MAX 12 /* not answered yet: then clients wait */
#define START_MS 2000      /* all links are up, and the first block is an idle one */
#define EXPIRES_MS 15000
#define CHANGE_MS 3000
#define WRONG_CLOCK_MS 3500 /* so far ahead of true time a node may judge what has expired */
#define CALM_BLOCKS 8       /* whose proposers include honest ones */
#define CALM_MS 3000        /* the telling takes less than that */

enum flaw { FLAW_NONE, FLAW_SIGNATURE, FLAW_KEY, FLAW_ROLE, FLAW_EXPIRED, FLAW_VERSION, FLAWS };
enum outcome { OUTCOME_OPEN, OUTCOME_COMMITTED, OUTCOME_REFUSED, OUTCOME_UNKNOWN };

struct order {
    struct world *world;
    struct sim_host *host;
    unsigned life;
    struct hash id;
    enum flaw flaw;
    enum outcome outcome;
    uint64_t height;
    int64_t expires_ms;
    bool duty; /* nothing that others do stands against it */
    bool calm; /* it came after the healing, when all had got on */
    int64_t at_ms;
    uint64_t top; /* the chain's height then */
    struct buf raw;
    uint64_t *told; /* where somebody waits for its height */
};

struct load {
    unsigned number; /* makes nonces and codes distinct */
    size_t count, capacity;
    struct order **order;
    size_t open;
    struct order *change; /* the last change of validators */
    int64_t next_change_ms;
    uint64_t settled_top; /* by then it is plain what came of the last change */
};

/* ---- transactions ---- */

void load_sign(struct buf *raw, struct world *world, const struct sim_draft *draft)
{
    AUTO(doc_free) struct doc *body = draft->body;
    char nonce[32];
    (void)snprintf(nonce, sizeof nonce, "nonce-%08u", world->load->number++);
    const struct tx_draft tx = {.genesis = &world->founding->genesis_hash,
                                .member = draft->by->member,
                                .key_name = draft->key_name,
                                .type = draft->type,
                                .nonce = nonce,
                                .expires_ms = draft->expires_ms,
                                .body = body};
    ENSURE(tx_sign(raw, &tx, &draft->by->secret[draft->key]) == 0);
}

/* ---- submitting ---- */

static bool handed_in_before(const struct load *load, const struct order *order)
{
    for (size_t i = 0; i < load->count; i++) {
        const struct order *other = load->order[i];
        if (other != order && hash_equal(&other->id, &order->id))
            return true;
    }
    return false;
}

/* All that keep the rules had it, and turns enough to put it into a block before it expired. */
static bool is_due(const struct world *world, const struct order *order)
{
    int64_t told_ms = SIM_WALL_MS + order->at_ms + CALM_MS;
    return order->calm && judge_blocks_between(world, told_ms, order->expires_ms) >= CALM_BLOCKS;
}

static void check_refused(const struct order *order, int error)
{
    struct world *world = order->world;
    int64_t true_ms = SIM_WALL_MS + world->now_ms;
    bool good = order->flaw == FLAW_NONE && order->duty;
    bool expired = error == ERR_TX_EXPIRED && order->expires_ms <= true_ms + WRONG_CLOCK_MS;
    bool again = (error == ERR_DUPLICATE || error == ERR_TX_REPLAY) &&
                 handed_in_before(world->load, order);
    if (good && ((!expired && !again) || (expired && is_due(world, order))))
        sim_fail(world, "n%zu refuses a valid transaction: %s", order->host->index,
                 error_code(error));
}

/* What it says then is no word about a transaction. It has been killed, or stops: for its disk,
 * which host.c looks at, or to start over on another ledger. */
static bool ends(const struct sim_host *host)
{
    return host->dead || host->node->stopping || host->node->error != 0;
}

static bool is_no_word(int error)
{
    return error == ERR_UNAVAILABLE || app_error_is_environment(error);
}

static void on_done(void *argument, int error, const struct faults *faults, uint64_t height)
{
    struct order *order = argument;
    struct world *world = order->world;
    (void)faults;
    world->load->open--;
    if (order->host->dead) { /* the connection is gone: the client will never know */
        order->outcome = OUTCOME_UNKNOWN;
        return;
    }
    if (order->outcome != OUTCOME_OPEN)
        sim_fail(world, "a client was answered twice");
    if (is_no_word(error)) { /* nothing is full here: ORDERS_OPEN_MAX */
        order->outcome = OUTCOME_UNKNOWN;
        if (!ends(order->host))
            sim_fail(world, "n%zu goes on, and has no word about a transaction: %s",
                     order->host->index, error_code(error));
        return;
    }
    order->outcome = error == 0 ? OUTCOME_COMMITTED : OUTCOME_REFUSED;
    order->height = height;
    if (order->told != NULL && error == 0)
        *order->told = height;
    *(error == 0 ? &world->counters->acknowledged : &world->counters->refused) += 1;
    if (error == 0 && order->flaw != FLAW_NONE)
        sim_fail(world, "n%zu acknowledged an invalid transaction (flaw %d) at height %llu",
                 order->host->index, order->flaw, (unsigned long long)height);
    if (error != 0)
        check_refused(order, error);
}

static struct order *order_new(struct world *world, struct sim_host *host, enum flaw flaw)
{
    struct load *load = world->load;
    if (load->count == load->capacity) {
        load->capacity = load->capacity ? 2 * load->capacity : 256;
        load->order = memory_resize(load->order, load->capacity * sizeof(struct order *));
    }
    struct order *order = memory_alloc(sizeof *order);
    *order = (struct order){.world = world, .host = host, .life = host->life, .flaw = flaw};
    return load->order[load->count++] = order;
}

static struct order *submit(struct sim_host *host, struct view raw, enum flaw flaw)
{
    struct world *world = host->world;
    struct tx *tx = NULL;
    if (tx_parse(&tx, NULL, raw, &world->founding->genesis_hash) != 0)
        return NULL; /* the API refuses it */
    struct order *order = order_new(world, host, flaw);
    order->id = tx->id;
    buf_append_view(&order->raw, raw);
    order->expires_ms = tx->expires_ms;
    order->duty = strcmp(tx->type->name, "duty.publish") == 0;
    order->calm = world->recovered && world->lines_end_ms == 0;
    order->at_ms = world->now_ms;
    order->top = judge_top(world);
    world->counters->submitted++;
    world->load->open++;
    sim_here = host;
    host->backend.submit(host->backend.context, tx, true, on_done, order);
    sim_here = NULL;
    return order;
}

static struct sim_host *some_host(struct world *world)
{
    for (int tries = 0; tries < 8; tries++) {
        struct sim_host *host = &world->host[sim_below(world, world->host_count)];
        if (host->up && host->api_open && host_honest(host))
            return host;
    }
    return NULL;
}

/* ---- duties ---- */

static struct doc *duty_body(struct world *world, enum flaw flaw)
{
    char zeros[2 * HASH_BYTES + 1];
    struct doc *body = doc_new_object();
    doc_set_format(body, "code", "D-%u", world->load->number);
    doc_set_text(body, "name", "公共信用信息查询");
    doc_set_text(body, "category", "公共服务");
    doc_set_text(body, "implementer", "市场监督管理局");
    doc_set_text(body, "basis", "无");
    if (flaw == FLAW_VERSION) {
        memset(zeros, '0', sizeof zeros - 1);
        zeros[sizeof zeros - 1] = '\0';
        doc_set_text(body, "acts_on", zeros);
    }
    return body;
}

int64_t load_expiry_ms(const struct world *world)
{
    return SIM_WALL_MS + world->now_ms + EXPIRES_MS;
}

bool load_hand_in(uint64_t *height, struct world *world, struct view raw)
{
    struct sim_host *host = some_host(world);
    struct order *order = host != NULL ? submit(host, raw, FLAW_NONE) : NULL;
    if (order != NULL && order->outcome == OUTCOME_OPEN)
        order->told = height;
    return order != NULL;
}

static int64_t expiry(struct world *world, enum flaw flaw)
{
    return flaw == FLAW_EXPIRED ? SIM_WALL_MS - 1 : load_expiry_ms(world);
}

/* Another character in the signature: same txid, and it does not verify. */
static void spoil_signature(struct buf *raw)
{
    uint8_t *at = &raw->data[raw->len - 40];
    *at = *at == 'A' ? 'B' : 'A';
}

static void submit_duty(struct world *world, struct sim_host *host)
{
    AUTO(buf_free) struct buf raw = {0};
    enum flaw flaw = sim_chance(world, 20) ? (enum flaw)sim_below(world, FLAWS) : FLAW_NONE;
    size_t member = sim_below(world, world->founding->validators);
    struct sim_draft draft = {.by = &world->founding->member[member],
                              .key = SIM_KEY_COMPILE,
                              .key_name = "compile",
                              .type = "duty.publish",
                              .body = duty_body(world, flaw),
                              .expires_ms = expiry(world, flaw)};
    if (flaw == FLAW_ROLE) {
        draft.key = SIM_KEY_CHIEF;
        draft.key_name = "chief";
    } else if (flaw == FLAW_KEY) {
        draft.key = SIM_KEY_CHIEF;
    }
    load_sign(&raw, world, &draft);
    world->counters->flawed += flaw != FLAW_NONE;
    if (flaw != FLAW_SIGNATURE) {
        (void)submit(host, view_of_buf(&raw), flaw);
        return;
    }
    /* The spoilt one here, the good one there: a bad signature condemns no txid. */
    struct sim_host *other = some_host(world);
    if (other != NULL)
        (void)submit(other, view_of_buf(&raw), FLAW_NONE);
    spoil_signature(&raw);
    if (host != other && host->up)
        (void)submit(host, view_of_buf(&raw), FLAW_SIGNATURE);
}

/* A client that heard nothing tries elsewhere; one that heard tries to have it twice. */
static void submit_again(struct sim_host *host)
{
    struct world *world = host->world;
    const struct load *load = world->load;
    if (load->count == 0)
        return;
    size_t back = sim_below(world, load->count < 8 ? load->count : 8);
    const struct order *order = load->order[load->count - 1 - back];
    if (order->flaw != FLAW_NONE)
        return;
    world->counters->submitted_again++;
    (void)submit(host, view_of_buf(&order->raw), FLAW_NONE);
}

/* ---- validators ---- */

static bool change_is_open(const struct world *world)
{
    const struct order *order = world->load->change;
    return order != NULL && order->outcome != OUTCOME_COMMITTED &&
           order->outcome != OUTCOME_REFUSED &&
           order->expires_ms + 2000 > SIM_WALL_MS + world->now_ms;
}

static size_t liars_in(const struct world *world, const struct validator_set *set,
                       const char *without)
{
    size_t count = 0;
    for (size_t i = 0; i < world->founding->members; i++) { /* a twin counts once */
        const struct sim_host *host = &world->host[i];
        count += (!host_honest(host) || host->put_back_at_times) &&
                 validators_find(set, host->identity->member) >= 0 &&
                 (without == NULL || strcmp(without, host->identity->member) != 0);
    }
    return count;
}

/* One seat: the candidate's if it has none, or somebody's whose going leaves few enough liars. */
static bool choose_change(struct doc *body, struct world *world, const struct validator_set *set)
{
    const char *candidate = world->founding->member[world->founding->validators + 1].member;
    struct doc *list = doc_new_array();
    const char *add = NULL, *away = NULL;
    for (size_t i = 0; i <= world->founding->validators && add == NULL; i++) {
        const char *member =
            i == world->founding->validators ? candidate : world->founding->member[i].member;
        const struct sim_host *host = &world->host[i == world->founding->validators ? i + 1 : i];
        bool lies = !host_honest(host) || host->put_back_at_times;
        if (validators_find(set, member) < 0 &&
            liars_in(world, set, NULL) + lies <= validators_faulty_max(set->count + 1))
            add = member;
    }
    if (set->count > 3 && !world->options->late_newcomer && (add == NULL || sim_chance(world, 40)))
        away = set->item[sim_below(world, set->count)].member;
    if (away != NULL && liars_in(world, set, away) > validators_faulty_max(set->count - 1))
        away = NULL;
    if (away != NULL || add != NULL)
        doc_push_text(list, away != NULL ? away : add);
    doc_set(body, away != NULL ? "remove" : "add", list);
    doc_set_text(body, "reason", "调整");
    return away != NULL || add != NULL;
}

static void change_validators(struct world *world)
{
    struct load *load = world->load;
    struct sim_host *host = some_host(world);
    if (change_is_open(world))
        load->settled_top = judge_top(world) + 3;
    else if (load->change != NULL && load->change->height + 2 > load->settled_top)
        load->settled_top = load->change->height + 2; /* it acts from there on */
    /* Somebody who looks at an old set could take away one seat too many. */
    if (world->now_ms < load->next_change_ms || host == NULL ||
        judge_top(world) < load->settled_top || host_height(host) < judge_top(world))
        return;
    load->next_change_ms = world->now_ms + (int64_t)sim_below(world, 2 * CHANGE_MS);
    AUTO(buf_free) struct buf raw = {0};
    struct sim_draft draft = {.by = &world->founding->member[world->founding->validators],
                              .key = SIM_KEY_ADMIN,
                              .key_name = "admin",
                              .type = "validator.change",
                              .body = doc_new_object(),
                              .expires_ms = expiry(world, FLAW_NONE)};
    if (!choose_change(draft.body, world, app_next_validators(host->node->app))) {
        doc_free(&draft.body);
        return;
    }
    load_sign(&raw, world, &draft);
    load->change = submit(host, view_of_buf(&raw), FLAW_NONE);
    load->settled_top = judge_top(world) + 3;
}

/* ---- life ---- */

void load_begin(struct world *world)
{
    world->load = memory_alloc(sizeof *world->load);
    (void)sim_later(world, START_MS, HAPPEN_LOAD, NULL);
}

void load_act(struct world *world)
{
    struct sim_host *host = some_host(world);
    if (host != NULL && world->load->open < ORDERS_OPEN_MAX)
        submit_duty(world, host);
    if (host != NULL && host->up && sim_chance(world, 10))
        submit_again(host);
    if (world->members_change && world->opened)
        change_validators(world);
    (void)sim_later(world, 1 + (int64_t)sim_below(world, 2 * LOAD_MS), HAPPEN_LOAD, NULL);
}

static void check_order(struct world *world, const struct order *order, const struct sim_host *host,
                        const struct store_view *view)
{
    AUTO(buf_free) struct buf raw = {0};
    struct store_tx_place place;
    int error = store_read_tx(&raw, view, &order->id);
    if ((error == ERR_CORRUPT && host->ledger_rotten) || error == ERR_PRUNED)
        return; /* it says so itself when it is asked for it */
    if (error == 0)
        error = store_find_tx(&place, view, &order->id);
    if (order->outcome == OUTCOME_COMMITTED && order->height >= view->first_block &&
        order->height <= view->height && (error != 0 || place.height != order->height))
        sim_fail(world, "n%zu lacks a transaction that was acknowledged at height %llu (%s)",
                 host->index, (unsigned long long)order->height,
                 error != 0 ? error_code(error) : "it has it elsewhere");
    if (order->flaw != FLAW_NONE && order->flaw != FLAW_SIGNATURE && error == 0)
        sim_fail(world, "n%zu has an invalid transaction (flaw %d) at height %llu", host->index,
                 order->flaw, (unsigned long long)place.height);
}

/* What nobody has answered yet, and who took it still runs. */
static void check_due(struct world *world, const struct order *order)
{
    bool good = order->flaw == FLAW_NONE && order->duty && is_due(world, order);
    world->counters->due += good;
    if (good && order->outcome == OUTCOME_OPEN && order->host->life == order->life)
        sim_fail(world, "n%zu was given a valid transaction at height %llu, and no block has it",
                 order->host->index, (unsigned long long)order->top);
}

void load_check(struct world *world)
{
    for (size_t i = 0; i < world->host_count; i++) {
        const struct sim_host *host = &world->host[i];
        struct store_view view;
        if (!host_honest(host))
            continue;
        if (store_view_open(&view, host->kv) != 0) {
            sim_fail(world, "n%zu: its ledger cannot be read", host->index);
            continue;
        }
        for (size_t j = 0; j < world->load->count; j++)
            check_order(world, world->load->order[j], host, &view);
        store_view_close(&view);
    }
    for (size_t j = 0; j < world->load->count; j++)
        check_due(world, world->load->order[j]);
}

void load_free(struct world *world)
{
    for (size_t i = 0; i < world->load->count; i++) {
        buf_free(&world->load->order[i]->raw);
        memory_free(world->load->order[i]);
    }
    memory_free(world->load->order);
    memory_free(world->load);
}
