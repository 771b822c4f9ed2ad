/* A part of a node under test, with a real ledger, verifier, mempool and peers, among talkers that
 * play the other validators: agencies 2, 3 and 4 of the ceremony. The node is agency 1. Include it
 * once a program, after a registry of test types. Header only. */
#ifndef DIRCHAIN_TESTS_UNIT_CELL_H
#define DIRCHAIN_TESTS_UNIT_CELL_H

#include "ledger.h"
#include "talker.h"

#include "base/log.h"
#include "node/parts.h"

#define TALKERS 3

struct cell {
    uv_loop_t loop;
    struct ledger ledger;
    struct node_counters counters;
    struct node_clock clock; /* stands at the genesis when the cell is opened */
    struct node_parts parts;
    struct talker node; /* its handler is the cell's; only address and key are used */
    struct talker talkers[TALKERS];
    /* What the part under test gets to know of its peers. */
    void (*when_down)(struct cell *cell, struct peer *peer);
    int (*when_told)(struct cell *cell, struct peer *peer, const struct frame *frame);
    void *part;
    int fatal; /* error that stopped it */
};

static int cell_key(void *context, struct public_key *out, const char *member, const char *key_name)
{
    struct cell *cell = context;
    return app_signer_key(out, cell->ledger.app, member, key_name);
}

static void cell_fatal(void *context, int error, const char *what)
{
    struct cell *cell = context;
    (void)what;
    cell->fatal = error;
}

static void cell_on_up(void *context, struct peer *peer)
{
    (void)context;
    (void)peer;
}

static void cell_on_down(void *context, struct peer *peer)
{
    struct cell *cell = context;
    if (cell->when_down != NULL) {
        cell->when_down(cell, peer);
    }
}

static int cell_on_frame(void *context, struct peer *peer, const struct frame *frame)
{
    struct cell *cell = context;
    return cell->when_told(cell, peer, frame);
}

static void cell_open_peers(struct cell *cell)
{
    talker_make(&cell->node, &cell->loop, agencies[1], 0, &cell->ledger.genesis_hash);
    struct peers_config config = {
        .loop = &cell->loop,
        .member = agencies[1],
        .genesis = cell->ledger.genesis_hash,
        .peer_seed = cell->node.seed,
        .listen = {.host = "127.0.0.1"},
        .handler = {
            .context = cell, .up = cell_on_up, .down = cell_on_down, .frame = cell_on_frame}};
    assert_int_equal(peers_open(&cell->node.peers, &config), 0);
    talker_introduce_self(&cell->node);
    cell->parts.peers = cell->node.peers;
    for (size_t i = 0; i < TALKERS; i++) {
        struct talker *talker = &cell->talkers[i];
        talker_make(talker, &cell->loop, agencies[2 + i], (unsigned)i + 1,
                    &cell->ledger.genesis_hash);
        talker_start(talker, 0);
    }
}

static void cell_open(struct cell *cell)
{
    struct mempool_limits limits = mempool_limits_default();
    *cell = (struct cell){.ledger = ledger_open(kv_open_memory(), NULL)};
    log_set_level(LOG_ERROR);
    atomic_init(&cell->clock.offset_ms, LEDGER_TIME_MS - clock_wall_ms());
    assert_int_equal(uv_loop_init(&cell->loop), 0);
    cell->parts = (struct node_parts){.loop = &cell->loop,
                                      .member = agencies[1],
                                      .kv = cell->ledger.kv,
                                      .app = cell->ledger.app,
                                      .clock = &cell->clock,
                                      .mempool = mempool_open(&limits),
                                      .counters = &cell->counters,
                                      .fatal = cell_fatal,
                                      .fatal_context = cell};
    assert_int_equal(verifier_open(&cell->parts.verifier, &cell->loop, 1,
                                   &cell->ledger.genesis_hash, cell_key, cell),
                     0);
    cell_open_peers(cell);
}

/* Only now do they talk: scripts have been set. The talkers get to know the node with it: whoever
 * is turned away at its door tries again much later. */
__attribute__((unused)) static void cell_meet(struct cell *cell, size_t talkers)
{
    for (size_t i = 0; i < talkers; i++) {
        talker_meet(cell->talkers[i].peers, &cell->node, 1);
    }
    talker_meet(cell->node.peers, cell->talkers, talkers);
}

/* All of them, with one script for each; returns when they are up. */
__attribute__((unused)) static void
cell_meet_all(struct cell *cell, void *data,
              int (*when_told)(struct talker *talker, struct peer *peer, const struct frame *frame))
{
    for (size_t i = 0; i < TALKERS; i++) {
        cell->talkers[i].data = data;
        cell->talkers[i].when_told = when_told;
    }
    cell_meet(cell, TALKERS);
    RUN_UNTIL(&cell->loop, peers_up_count(cell->node.peers, true) == TALKERS);
}

__attribute__((unused)) static struct peer *cell_peer(struct cell *cell, size_t talker)
{
    return peers_find_member(cell->node.peers, agencies[2 + talker]);
}

/* The part under test is closed already; `freed` is called when the loop has ended. */
static void cell_close(struct cell *cell, void (*freed)(struct cell *cell))
{
    verifier_close(cell->parts.verifier);
    peers_close(cell->node.peers);
    for (size_t i = 0; i < TALKERS; i++) {
        peers_close(cell->talkers[i].peers);
    }
    assert_int_equal(uv_run(&cell->loop, UV_RUN_DEFAULT), 0);
    freed(cell);
    mempool_close(&cell->parts.mempool);
    verifier_free(&cell->parts.verifier);
    peers_free(&cell->node.peers);
    for (size_t i = 0; i < TALKERS; i++) {
        peers_free(&cell->talkers[i].peers);
    }
    ledger_close(&cell->ledger);
    assert_int_equal(uv_loop_close(&cell->loop), 0);
}

#endif
