/* A world of dirchain nodes under virtual time, all of it made from one seed.
 *
 *   main.c       arguments, and what was exercised; jobs.c: seeds over processes
 *   world.c      virtual clock, queue of occurrences, digest of everything that happens
 *   uv.c         libuv's loop: timers, workers, wakes, closing
 *   tcp.c        libuv's streams: connections, bytes in order, cuts, resets
 *   channel.c    the peer channel without its cryptography (in place of peer_tls.c)
 *   tongue.c     what liars say
 *   host.c       the machine under a node: power, files, clocks, randomness
 *   home.c       its files, and copies of them
 *   room.c       memory for what is large
 *   disk.c       the disk under a safety record: cache, loss, torn writes, errors, bit rot
 *   founding.c   members, keys and genesis; the same for all seeds of a process
 *   signs.c      marks in place of signatures, unless real ones are asked for
 *   load.c       clients of the nodes' API, and what was acknowledged to them
 *   office.c     those who run nodes: copies put back, keys changed, holds lifted
 *   chaos.c      what goes wrong and when
 *   watch.c      where the nodes are looked at, and stopped between any two effects
 *   check.c      the judges while it runs, and owed.c, roll.c, holds.c, restores.c; final.c: at the
 *                end
 *
 * The nodes are those of production, object for object: consensus, signer and safety record, chain
 * execution and store over kv_memory, and of src/node everything from node.c down to link.c. What
 * is replaced is replaced at link time, at the edge of the process: libuv, TLS, the clocks, files,
 * the HTTP server. CMakeLists.txt lists it. */
#ifndef DIRCHAIN_TESTS_SIM_SIM_H
#define DIRCHAIN_TESTS_SIM_SIM_H

#include "consensus/consensus.h"
#include "consensus/signer.h"
#include "node/node_internal.h"

#include <stdio.h>

#define SIM_VALIDATORS_MAX 10
#define SIM_HOSTS_MAX (SIM_VALIDATORS_MAX + 3) /* the center, a candidate, a twin */
#define SIM_MEMBERS_MAX SIM_HOSTS_MAX
#define SIM_HEIGHTS_MAX 1000
#define SIM_WALL_MS INT64_C(1770000000000) /* genesis: 2026-02-02, a Monday */
#define SIM_PEER_PORT 7600
#define SIM_PROPOSALS_SEEN 8

/* Validators of the genesis, where nobody says how many: one seed of forty has many. */
#define SIM_SMALL 4
#define SIM_LARGE 7

struct sim_options {
    uint64_t first, seeds;
    uint64_t nodes; /* validators of the genesis; 0: SIM_SMALL or SIM_LARGE */
    uint64_t heights;
    uint64_t jobs;
    uint32_t faults; /* FAULT_… */
    bool trace;
    bool real_signatures; /* of every seed; else of every hundredth */
    bool late_newcomer;   /* the one story that is not drawn (office.c) */
};

enum {
#define X(name, bit, text) FAULT_##name = 1 << (bit),
#include "faults.def"
#undef X
};

struct counters {
#define X(name, needs, text) uint64_t name;
#include "counters.def"
#undef X
    int64_t slowest_recovery_ms; /* virtual, from the healing to everybody's last height */
    uint64_t lost_for_good;      /* seeds that ended where no way out is promised */
};

struct sim_outcome {
    uint64_t seed; /* the last, or the one that failed */
    char failure[256];
    struct counters counters;
};
enum sim_verdict { SIM_WELL, SIM_VIOLATION, SIM_DIED };

struct world;
struct sim_host;
struct judge; /* check.c */
struct load;  /* load.c */
struct office;

/* ---- disk.c ---- */

#define DISK_WRITES_MAX 8
struct disk_write {
    uint64_t offset;
    size_t len;
    bool phantom; /* in the cache, but its sync failed: never goes to the disk */
    uint8_t data[SAFETY_COPY_BYTES];
};
struct sim_disk {
    struct sim_host *host;
    uint8_t durable[SAFETY_FILE_BYTES];
    size_t write_count;
    struct disk_write write[DISK_WRITES_MAX];
    bool made;   /* there is a file */
    bool rotten; /* a bit was flipped since the last sync */
    char name[32];
};
struct safety_disk disk_open(struct sim_disk *disk);
void disk_crash(struct sim_disk *disk, bool power);
void disk_settle(struct sim_disk *disk); /* what is in the cache gets to the disk */
void disk_rot(struct sim_disk *disk);

/* ---- uv.c: what a loop is made of ---- */

struct sim_slot {
    void *thing; /* a handle, a request or a wake; NULL: free */
    unsigned generation;
    bool armed;
};
struct sim_closing {
    void (*run)(void *argument);
    void *argument;
};
struct sim_loop {
    uv_loop_t *loop; /* NULL: none */
    size_t slot_count;
    struct sim_slot *slot;
    size_t work_count;
    struct sim_slot *work; /* uv_work_t, in the order in which they were queued */
    size_t closing_count, closing_capacity;
    struct sim_closing *closing;
    uv_prepare_t *prepare;
    uv_stream_t *listener;
    bool returns; /* uv_run comes back at once: the world runs the loop from there on */
};

/* ---- founding.c ---- */

enum sim_key {
    SIM_KEY_CHIEF,
    SIM_KEY_COMPILE,
    SIM_KEY_ADMIN,
    SIM_KEY_VOTE,
    SIM_KEY_NEXT, /* the vote key after a change */
    SIM_KEYS
};
struct sim_identity {
    char member[MEMBER_ID_CHARS + 1];
    char listen[32]; /* of its node */
    struct secret_key secret[SIM_KEYS];
    struct public_key public[SIM_KEYS];
    struct vote_key vote, vote_next;
    uint8_t peer_seed[32];
    struct peer_key peer;
};
/* Members: the validators, then the center, then a candidate for a seat. */
struct founding {
    size_t validators, members;
    bool real_signatures;
    struct sim_identity member[SIM_VALIDATORS_MAX + 2];
    struct doc *genesis;
    struct hash genesis_hash;
    struct kv *kv; /* the ledger of height 0 */
};
/* Made once for each number of validators and kind of signature, and kept. */
const struct founding *founding_of(size_t validators, bool real_signatures);
void founding_free_all(void);

/* ---- host.c ---- */

enum conduct {
    CONDUCT_HONEST,
    CONDUCT_SILENT,       /* says nothing of its own */
    CONDUCT_SLOW,         /* says everything late */
    CONDUCT_WITHHOLDING,  /* proposes and does not give the body */
    CONDUCT_MISSTATING,   /* gives another list of transactions under a header as it is */
    CONDUCT_EQUIVOCATING, /* says this to one and that to another, and forgets its safety record */
    CONDUCT_LYING,        /* about its height and its blocks, to those who catch up */
    CONDUCT_BOASTING,     /* tells a height far above all, and keeps few of its blocks or none */
    CONDUCT_TWIN          /* honest, but somebody else runs with its key */
};

/* ---- home.c ---- */

#define SIM_FILES 4
#define SIM_RECORDS 2
struct sim_file {
    char name[32]; /* "": none */
    struct buf bytes;
};
struct sim_copy;
enum sim_holding { SIM_HAS_FIRST, SIM_HAS_BOTH, SIM_HAS_NEXT }; /* vote keys */

void home_put_file(struct sim_host *host, const char *name, struct view bytes);
bool home_has_file(struct sim_host *host, const char *name);
void home_copy(struct sim_host *host);
void home_put_back(struct sim_host *host);
/* What it was told last did not get to its disk. */
void home_forget(struct sim_host *host);
void home_free(struct sim_host *host);

/* The roll call of this life, as it looks from outside. */
struct sim_roll {
    uint32_t answered;             /* a bit for each member */
    uint64_t tip[SIM_MEMBERS_MAX]; /* that those who are honest answered last */
    uint64_t goal;                 /* the chain's when a quorum had answered; 0: it has not */
    int64_t ready_ms;              /* since when it is there, with a quorum; 0: it is not */
    bool over;
};

struct sim_host {
    struct world *world;
    size_t index;
    const struct sim_identity *identity;
    enum conduct conduct;
    bool voter;             /* has its vote key at hand */
    bool put_back_at_times; /* and counts as faulty for it */
    int64_t line_bytes_s;   /* to it, on each connection; 0: no matter */
    bool shows;             /* a boaster: what there is */
    uint64_t rotated_at;    /* height that holds its change of the vote key; 0: none */

    /* Durable. */
    struct sim_disk record[SIM_RECORDS];
    struct sim_file file[SIM_FILES];
    struct sim_copy *copy; /* NULL: none was taken */
    enum sim_holding keys;
    struct kv *kv;
    struct kv *restoring, *restored; /* ledgers beside it (node/ledger_place.h) */
    bool ledger_rotten;              /* bits of it were flipped */
    uint64_t replaced_at;            /* by an empty one: the height that was being decided then */

    /* The machine. */
    bool up;
    bool dead;     /* from here on nothing the process does reaches anything */
    bool power;    /* … because the machine lost its power */
    unsigned life; /* counts starts; what belongs to an earlier one is void */
    int64_t skew_ms, boot_ms;
    int expected_error; /* a fault was made that may stop the node with this error */
    struct sim_loop loop;
    struct config config;
    struct node *node;
    struct api_backend backend; /* what the node gives its API */
    bool api_open;

    /* Liars: proposals heard, and the other one for the round of our own. */
    struct proposal seen[SIM_PROPOSALS_SEEN], other;
    size_t seen_next;

    /* For judges. */
    struct consensus_status last; /* after the last step */
    bool resuming;                /* within START_HEIGHT */
    bool waits;                   /* for a snapshot */
    unsigned step_effects;
    struct sim_roll roll;
    uint64_t held_until;  /* it holds, or held, its votes back; 0: it has signed since */
    bool doubled;         /* contradicted what nobody told it of: its disk had been put back */
    uint64_t height;      /* of the tip that was judged last */
    uint64_t first_block; /* that its ledger still has at the end */
};

extern struct sim_host *sim_here; /* whose code runs; NULL: the world's own */

void host_make(struct world *world, size_t index, const struct sim_identity *identity);
void host_free(struct sim_host *host);
/* Power on: opens the node, unless the disk forbids. */
void host_start(struct sim_host *host);
/* The process ends here, at whatever it was doing; its machine too, if power is lost. */
void host_kill(struct sim_host *host, bool power);
/* After each piece of work: carries out what ended the process or the node. */
void host_settle(struct sim_host *host);
bool host_honest(const struct sim_host *host); /* keeps the rules, and nobody has its key */
uint64_t host_height(const struct sim_host *host);

/* ---- world.c ---- */

enum happening {
    HAPPEN_CHAOS,
    HAPPEN_LOAD,
    HAPPEN_START, /* of a host */
    /* of a loop (uv.c) */
    HAPPEN_TIMER,
    HAPPEN_WAKE,
    HAPPEN_IDLE,
    HAPPEN_WORK,
    /* of a connection (tcp.c) */
    HAPPEN_CONNECT,
    HAPPEN_CONNECTED,
    HAPPEN_BYTES,
    HAPPEN_END,
    HAPPEN_RESET,
    HAPPEN_WRITTEN
};

struct sim_conn;

struct occurrence {
    int64_t at_ms;
    uint64_t order; /* of creation: breaks ties */
    enum happening kind;
    struct sim_host *host;
    unsigned life;
    size_t slot;
    unsigned generation;
    struct sim_conn *conn;
    unsigned side; /* of the connection: whom it reaches */
    int error;
    struct buf bytes;
};

/* How often things go wrong. */
struct storm {
    unsigned drop_percent; /* of droppable frames */
    unsigned slow_percent; /* of pieces sent */
    uint64_t reset_one_in; /* of pieces sent; 0: never */
    uint64_t crash_one_in; /* of effects; 0: never */
    uint64_t disk_one_in;  /* of writes; 0: never */
    unsigned mix_percent;  /* of frames: said twice, or after later ones */
};

struct link_weather {
    bool cut_split, cut_one_way;
};

struct world {
    const struct sim_options *options;
    const struct founding *founding;
    struct counters *counters;
    uint64_t seed, random;
    bool real_signatures;
    int64_t now_ms;
    uint64_t order;
    size_t queue_len, queue_capacity;
    struct occurrence **queue; /* binary heap */
    size_t spare_count;
    struct occurrence *spare[64];
    size_t host_count;
    struct sim_host *host;
    size_t conn_count, conn_capacity;
    struct sim_conn **conn;

    bool members_change;
    bool snapshots; /* are offered and taken, and old blocks let go of */
    bool opened;    /* every node has the first block */
    bool chaos;
    int64_t chaos_end_ms, healed_ms, deadline_ms;
    int64_t lines_end_ms; /* when slow lines are mended, after the healing; 0: there are none */
    uint64_t healed_top;  /* what everyone must have more of by the deadline */
    bool recovered;
    int64_t awaited_ms; /* since when only those who held votes back are waited for; or 0 */
    struct storm storm, /* now */
        coming;         /* once it has opened */
    struct link_weather weather[SIM_HOSTS_MAX][SIM_HOSTS_MAX];

    struct judge *judge;
    struct load *load;
    struct office *office;
    uint64_t digest[2]; /* over everything that happened */
    bool lost_for_good;
    bool failed;
    char failure[256];
};

extern struct world *sim_world; /* the one that runs */

uint64_t sim_random(struct world *world);
uint64_t sim_below(struct world *world, uint64_t bound);
bool sim_chance(struct world *world, unsigned percent);
/* One in so many; 0: never. */
bool sim_rarely(struct world *world, uint64_t one_in);
void sim_mix(struct world *world, const void *bytes, size_t len);
/* A line of the trace, if there is one. */
void sim_trace(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_fail(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool sim_has(const struct world *world, uint32_t fault);
/* Adds an occurrence after a delay; the caller fills in the rest. `host` may be NULL. */
struct occurrence *sim_later(struct world *world, int64_t delay_ms, enum happening kind,
                             struct sim_host *host);
size_t sim_validators(const struct sim_options *options, uint64_t seed);
/* Runs one world. True if all judges are content. */
bool sim_run(uint64_t digest[2], char failure[256], struct counters *counters,
             const struct sim_options *options, uint64_t seed);

/* ---- jobs.c ---- */

/* All worlds that are asked for, until one fails. */
enum sim_verdict sim_run_all(struct sim_outcome *out, const struct sim_options *options);

/* ---- uv.c, tcp.c ---- */

void loop_happen(struct sim_host *host, const struct occurrence *what);
void loop_end_turn(struct sim_host *host);
void loop_free(struct sim_loop *loop);
void loop_close_later(struct sim_host *host, void (*run)(void *argument), void *argument);
int loop_init_handle(uv_loop_t *loop, uv_handle_t *handle, uv_handle_type type);
void tcp_happen(struct world *world, struct occurrence *what);
void tcp_close(uv_tcp_t *handle); /* of uv_close */
void tcp_heal(struct world *world);
void tcp_mend_lines(struct world *world);
void tcp_free(struct world *world);

/* ---- signs.c ---- */

extern bool signs_real; /* else marks */
void signs_learn(const struct secret_key *secret);

/* ---- load.c ---- */

struct sim_draft {
    const struct sim_identity *by;
    enum sim_key key;
    const char *key_name, *type;
    struct doc *body; /* taken */
    int64_t expires_ms;
};
void load_sign(struct buf *raw, struct world *world, const struct sim_draft *draft);
int64_t load_expiry_ms(const struct world *world);
/* Somebody hands it in at a node. False if nobody can. *height: that of the block that holds it, 0
 * until it is acknowledged, or for ever. */
bool load_hand_in(uint64_t *height, struct world *world, struct view raw);
void load_begin(struct world *world);
void load_act(struct world *world);
void load_check(struct world *world); /* at the end */
void load_free(struct world *world);

/* ---- mixer.c ---- */

/* Frames as they come out of a node, some twice, some after later ones; `late` waits. */
void mixer_pass(struct buf *out, struct buf *late, struct view frames);

/* ---- chaos.c ---- */

void chaos_kill(struct sim_host *host, bool power); /* at rest, if it is up */

void chaos_begin(struct world *world);
void chaos_act(struct world *world);
void chaos_end(struct world *world);

/* ---- watch.c ---- */

void watch_up(struct sim_host *host);

/* ---- check.c ---- */

void judge_make(struct world *world);
void judge_free(struct world *world);
void judge_released(struct sim_host *host, const struct message *message);
size_t judge_release_count(const struct world *world);
/* The host's disk knows nothing of what it released after the first so many. */
void judge_forget(struct sim_host *host, size_t from);
/* The roll call of the host is over, it thinks. */
void judge_roll_over(struct sim_host *host);
/* It looked whether the roll call is over, and it is not. */
void judge_roll_goes_on(struct sim_host *host);
void judge_roll_block(struct sim_host *host, const struct header *header);
/* ---- holds.c ---- */
void judge_held(struct sim_host *host, uint64_t height, enum hold_reason reason);
void judge_held_no_more(struct sim_host *host); /* an override */
void judge_signed(struct sim_host *host, uint64_t height);
/* At the end: whether somebody has to sign yet. */
bool judge_awaits_held(struct world *world);
/* ---- restores.c ---- */
void judge_restore(struct sim_host *host); /* at rest */
/* ---- owed.c ---- */
void owed_check(struct world *world, const struct app_commit *commit);
/* ---- office.c ---- */
void office_begin(struct world *world);
void office_act(struct world *world);
void office_lifted(struct sim_host *host); /* a hold, by an override */
void office_committed(struct world *world, const struct block *block);
void office_end(struct world *world);
/* More than a third of the seats: who lies, who has signed past a block that nobody has any more,
 * so that no decision lifts its hold (docs/operators.md, `ledger-behind`), and who is locked on a
 * block whose body was lost with its ledger and is with liars alone. */
bool office_lost_for_good(const struct world *world);
void office_free(struct world *world);
/* A hold of the host was lifted. */
void judge_lifted(struct sim_host *host);
/* The host was told of a message that its key signed. */
void judge_told(struct sim_host *host, const struct message *message);
void judge_proposed(struct world *world, const struct proposal *proposal);
void judge_committed(struct sim_host *host, const struct app_commit *commit,
                     const struct certificate *certificate, const struct validator_set *set);
void judge_end(struct world *world);
uint64_t judge_top(const struct world *world); /* the highest height that anybody committed */
/* Those that are dated from then and before then. */
size_t judge_blocks_between(const struct world *world, int64_t from_ms, int64_t to_ms);

#endif
