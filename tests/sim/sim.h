/* A world of dirchain nodes under virtual time, all of it made from one seed.
 *
 *   main.c      arguments, seeds, what was exercised
 *   world.c     virtual clock, event queue, trace
 *   network.c   packets and their faults
 *   chaos.c     what goes wrong and when
 *   disk.c      the safety record's disk: cache, loss, torn writes, errors, bit rot
 *   ledger.c    a small deterministic application (the boundary to chain execution)
 *   node.c      the host of a consensus state machine: carries out effects, crashes, restarts
 *   peer.c      what nodes say to each other
 *   byzantine.c validators that lie
 *   check.c     the judges
 *
 * The state machine, signer and safety record are those of production, object for object. */
#ifndef DIRCHAIN_TESTS_SIM_SIM_H
#define DIRCHAIN_TESTS_SIM_SIM_H

#include "consensus/consensus.h"
#include "consensus/signer.h"

#include <stdio.h>

#define SIM_NODES_MAX 11 /* validators and one observer */
#define SIM_HEIGHTS_MAX 400
#define SIM_BODIES_MAX 64
#define SIM_WALL_MS INT64_C(1767225600000) /* local time at the start of the world */

struct sim_options {
    uint64_t first, seeds;
    size_t nodes; /* validators */
    uint64_t heights;
    bool trace;
    bool real_signatures;
    bool coverage;
};

struct counters {
#define X(name, text) uint64_t name;
#include "counters.def"
#undef X
    int64_t slowest_recovery_ms; /* virtual, from the healing to everybody's last height */
};

/* ---- ledger.c: header and one number make a block ---- */

struct sim_body {
    struct header header;
    uint64_t payload;
};
struct sim_block {
    struct hash hash;
    struct sim_body body;
    struct certificate certificate;
};

/* ---- disk.c ---- */

#define DISK_WRITES_MAX 8
struct disk_write {
    uint64_t offset;
    size_t len;
    bool phantom; /* in the cache, but its sync failed: never goes to the disk */
    uint8_t data[SAFETY_COPY_BYTES];
};
struct sim_disk {
    struct world *world;
    uint8_t durable[SAFETY_FILE_BYTES];
    size_t write_count;
    struct disk_write write[DISK_WRITES_MAX];
    bool crash_wanted; /* the crash happens inside the current PERSIST */
    bool rotten;       /* a bit was flipped since the last sync */
};

/* ---- node.c ---- */

enum conduct { CONDUCT_HONEST, CONDUCT_SILENT, CONDUCT_EQUIVOCATING };

struct sim_node {
    size_t index;
    char member[MEMBER_ID_CHARS + 1];
    struct secret_key secret;
    struct vote_key key;
    enum conduct conduct;
    bool observer;
    bool up;
    unsigned life; /* counts restarts; events of an earlier life are void */
    int64_t skew_ms;

    /* Durable. */
    struct sim_disk disk;
    size_t height;                          /* blocks committed */
    struct sim_block *chain;                /* chain[h], 1 … height */
    struct sim_body stored[SIM_BODIES_MAX]; /* bodies made durable for this height */
    struct hash stored_hash[SIM_BODIES_MAX];
    size_t stored_count;

    /* Lost in a crash. */
    struct consensus *consensus;
    struct signer *signer;
    struct sim_body body[SIM_BODIES_MAX]; /* ring of bodies seen */
    struct hash body_hash[SIM_BODIES_MAX];
    size_t body_next;
    struct hash wanted[SIM_BODIES_MAX]; /* EXECUTE without a body */
    size_t wanted_count;
    unsigned timer_generation[TIMER_KINDS];
    bool work;
    bool resuming; /* within START_HEIGHT */
    uint64_t peer_height[SIM_NODES_MAX];
    struct consensus_status last; /* after the last step */
    struct consensus_status last_tick;
    struct event feed[16]; /* own messages and the next height, handled after the effects */
    size_t feed_count;
    struct proposal seen[8]; /* byzantine: material for lies */
    size_t seen_next;
};

/* ---- world.c ---- */

enum happening {
    HAPPEN_PACKET,
    HAPPEN_TIMER,
    HAPPEN_VERDICT,
    HAPPEN_BUILT,
    HAPPEN_TICK,
    HAPPEN_RESTART,
    HAPPEN_CHAOS
};

struct occurrence {
    int64_t at_ms;
    uint64_t order; /* of creation: breaks ties */
    enum happening kind;
    size_t node, from;
    unsigned life, generation;
    uint64_t link_order;
    struct event_timeout timeout;
    struct hash block;
    uint64_t height;
    uint32_t round;
    int64_t time_ms;
    struct buf bytes;
};

struct link {
    bool cut_split, cut_one_way;
    uint64_t sent, delivered;
};

struct judge; /* check.c */

struct world {
    const struct sim_options *options;
    struct counters *counters;
    uint64_t seed, random;
    int64_t now_ms;
    uint64_t order;
    size_t queue_len, queue_capacity;
    struct occurrence **queue; /* binary heap */
    size_t node_count;         /* with the observer */
    struct sim_node *node;
    struct validator_set set;
    struct hash genesis, set_hash;
    struct consensus_timing timing;

    bool chaos;
    int64_t chaos_end_ms, deadline_ms;
    unsigned loss_percent, slow_percent;
    int crash_one_in; /* of effects; 0: never */
    struct link link[SIM_NODES_MAX][SIM_NODES_MAX];

    struct judge *judge;
    struct hash digest; /* over the whole trace */
    bool failed;
    char failure[256];
};

uint64_t sim_random(struct world *world);
uint64_t sim_below(struct world *world, uint64_t bound);
bool sim_chance(struct world *world, unsigned percent);
void sim_trace(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_fail(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
int64_t sim_clock(const struct world *world, const struct sim_node *node);
/* Adds an occurrence after a delay; the caller fills in the rest. */
struct occurrence *sim_later(struct world *world, int64_t delay_ms, enum happening kind,
                             size_t node);
/* Runs one world. True if all judges are content. */
bool sim_run(struct hash *digest, char failure[256], struct counters *counters,
             const struct sim_options *options, uint64_t seed);

/* Signatures: BIP-340, or a hash in its place (a hundred times faster, just as checkable here). */
extern const struct world *sim_world; /* the one that runs, for the next two */
int sim_sign(struct signature *out, const struct secret_key *secret, const struct hash *digest);
bool sim_verify(const struct vote_key *key, const struct hash *digest,
                const struct signature *signature);

/* ledger.c */
void ledger_genesis(struct world *world);
void ledger_build(struct sim_body *out, const struct world *world, const struct sim_node *node,
                  int64_t time_ms, uint64_t payload);
bool ledger_valid(const struct world *world, const struct sim_node *node,
                  const struct sim_body *body);
bool ledger_body_matches(const struct sim_body *body); /* the payload is the header's */
void ledger_encode_body(struct buf *out, const struct sim_body *body);
bool ledger_decode_body(struct sim_body *out, struct reader *reader);
const struct sim_body *ledger_find_body(const struct sim_node *node, const struct hash *hash);
void ledger_keep_body(struct sim_node *node, const struct sim_body *body); /* in memory */
void ledger_store_body(struct sim_node *node, const struct hash *hash);    /* durable */
void ledger_commit(struct world *world, struct sim_node *node, const struct sim_body *body,
                   const struct certificate *certificate);

/* disk.c */
struct safety_disk disk_open(struct sim_disk *disk);
void disk_make(struct sim_disk *disk, struct world *world);
void disk_crash(struct sim_disk *disk, bool power);
void disk_rot(struct sim_disk *disk);

/* network.c */
void net_send(struct world *world, size_t from, size_t to, const struct buf *bytes);
void net_broadcast(struct world *world, size_t from, const struct buf *bytes);
void net_arrive(struct world *world, struct occurrence *what);

/* chaos.c */
void chaos_begin(struct world *world);
void chaos_act(struct world *world);
void chaos_end(struct world *world);

/* node.c */
void node_make(struct world *world, size_t index);
void node_free(struct sim_node *node);
void node_start(struct world *world, struct sim_node *node);
void node_crash(struct world *world, struct sim_node *node, bool power);
void node_event(struct world *world, struct sim_node *node, const struct event *event);
void node_advance(struct world *world, struct sim_node *node); /* START_HEIGHT after a commit */
void node_body_arrived(struct world *world, struct sim_node *node, const struct sim_body *body);
void node_happen(struct world *world, const struct occurrence *what);

/* peer.c */
void peer_message(struct buf *out, const struct message *message, const struct sim_body *body);
void peer_announce(struct world *world, struct sim_node *node, const struct message *message);
void peer_want_body(struct world *world, struct sim_node *node, const struct hash *hash);
void peer_receive(struct world *world, struct sim_node *node, size_t from, struct view bytes,
                  int64_t received_ms);
void peer_tick(struct world *world, struct sim_node *node);

/* byzantine.c */
void byzantine_send(struct world *world, struct sim_node *node, const struct message *message);
void byzantine_tick(struct world *world, struct sim_node *node);
void byzantine_saw(struct sim_node *node, const struct message *message);

/* check.c */
void judge_make(struct world *world);
void judge_free(struct world *world);
void judge_released(struct world *world, const struct sim_node *node,
                    const struct message *message);
void judge_proposed(struct world *world, const struct proposal *proposal);
void judge_committed(struct world *world, const struct sim_node *node,
                     const struct sim_block *block, const struct sim_block *previous);
void judge_evidence(struct world *world, const struct sim_node *node,
                    const struct evidence *evidence);

#endif
