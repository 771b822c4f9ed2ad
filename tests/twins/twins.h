/* Twins (arXiv:2004.10617): a Byzantine validator is a correct one that runs twice with one key.
 * Every instance runs the production state machine, signer and safety record; what is made up is
 * the network between them. Equivocation, amnesia and lost locks come about by themselves.
 *
 *   world.c     instances, messages between them, bodies, timers: one scenario from start to end
 *   host.c      carries out the effects of one instance
 *   judge.c     agreement, certificates, evidence, progress
 *   scenario.c  which scenarios there are: all systematic ones, random ones from seeds; their text
 *   main.c      arguments, parallel runs, progress, counts
 *
 * Time is cut into slots; in each the instances are divided into sets that do not hear each other.
 * In a systematic scenario a slot is as long as a round: what is said within a set arrives at once,
 * timeouts of propose and prevote run out, and that of precommit begins the next slot. In a timed
 * one messages take their time and all timers run. After the last slot everybody hears everybody.
 */
#ifndef DIRCHAIN_TESTS_TWINS_TWINS_H
#define DIRCHAIN_TESTS_TWINS_TWINS_H

#include "consensus/consensus.h"
#include "consensus/signer.h"

#define TWINS_VALIDATORS_MAX 10
#define TWINS_INSTANCES_MAX (2 * (size_t)TWINS_VALIDATORS_MAX)
#define TWINS_SLOTS_MAX 12
#define TWINS_ROUNDS_MAX 64
#define TWINS_MESSAGES_MAX 4096
#define TWINS_BLOCKS_MAX 64
#define TWINS_ITEMS_MAX 16384

/* The kind of network, flags. A message to another set is lost, and at the beginning of a slot
 * those who hear each other show what they hold, as nodes do (consensus_next_message); unless: */
enum {
    TWINS_LATE = 1,   /* it comes after the last slot, and nothing is repaired before */
    TWINS_SPLIT = 2,  /* a slot ends between prevotes and precommits: the next says who hears these,
                         so that locks are set that lead to no decision */
    TWINS_PHASED = 4, /* split, and every second slot sees precommits only */
    TWINS_ONE_WAY = 8, /* members of set 0 hear everybody */
    TWINS_TIMED = 16   /* not in step: messages take their time, and slots any length */
};
#define TWINS_SYSTEMATIC_KINDS 4 /* the first two flags */

struct scenario {
    size_t validators;
    unsigned twins; /* bit v: validator v runs twice */
    unsigned network;
    uint64_t seed;   /* of delays */
    uint64_t height; /* modulo the number of validators: who proposes in round 0 */
    size_t slots;
    /* The set of each instance in each slot: validators in order, then the twins' second ones. */
    uint8_t set[TWINS_SLOTS_MAX][TWINS_INSTANCES_MAX];
};

struct twins_counts {
    uint64_t scenarios; /* that were run */
    uint64_t covered;   /* of the systematic ones: also those that differ only after the end */
    uint64_t steps;
    uint64_t decisions[TWINS_ROUNDS_MAX]; /* of correct validators, by round */
    uint64_t before_heal;                 /* scenarios that all decided in before it */
    uint64_t undecided;                   /* scenarios that nobody decided in before it */
    uint64_t equivocations;               /* pairs of different votes signed with one key */
    uint64_t evidence;                    /* given by correct validators */
    uint64_t locks_carried;               /* correct validators that entered a round with a lock */
    uint64_t values_again;                /* proposals of an earlier round's block */
    uint64_t unlocked;                    /* locks that moved to another block */
    uint64_t slowest_rounds;              /* from the healing to the last decision; a maximum */
};

/* ---- one scenario ---- */

enum item_kind { ITEM_MESSAGE, ITEM_VERDICT, ITEM_BUILT };

struct item {
    enum item_kind kind;
    size_t to;
    size_t subject; /* message or block */
    uint32_t round; /* of BUILT */
    int64_t due_ms;
    uint64_t order;
};

struct block_made {
    struct hash hash;
    struct header header;
    uint32_t holders; /* instances that have its body */
};

struct message_sent {
    struct message message;
    size_t from;
    uint32_t delivered; /* instances that took it */
    uint32_t late;      /* instances that are to get it when all is healed */
    bool waits;         /* a precommit that goes out in the next slot */
};

struct instance {
    bool active;
    size_t validator;
    struct consensus *consensus;
    struct signer *signer;
    uint8_t disk[SAFETY_FILE_BYTES];
    struct consensus_status last;
    struct {
        bool set;
        int64_t deadline_ms;
        struct event_timeout timeout;
    } timer[TIMER_KINDS];
    uint64_t wants; /* blocks whose body nobody in the set had */
    bool decided;
    size_t decided_block;
    uint32_t decided_round;
    /* Message it signed in a round by kind (0 proposal, 1 prevote, 2 precommit), plus one. */
    uint16_t said[TWINS_ROUNDS_MAX][3];
    uint8_t accused[TWINS_ROUNDS_MAX][3][TWINS_VALIDATORS_MAX]; /* evidence it gave */
};

struct twins {
    /* As long as the bench stands. */
    size_t validators;
    bool real_signatures;
    struct validator_set members;
    struct secret_key secret[TWINS_VALIDATORS_MAX];
    struct hash genesis;
    struct consensus_timing timing;
    struct instance instance[TWINS_INSTANCES_MAX];
    uint64_t height;
    int64_t now_ms;
    struct twins_counts *counts;

    /* One scenario. */
    const struct scenario *scenario;
    size_t active_count;
    size_t active[TWINS_INSTANCES_MAX]; /* in the order of scenario.set */
    uint8_t set[TWINS_INSTANCES_MAX];   /* of an instance, now */
    bool healed;
    uint64_t random;
    size_t message_count;
    struct message_sent message[TWINS_MESSAGES_MAX];
    size_t block_count;
    struct block_made block[TWINS_BLOCKS_MAX];
    size_t item_count;
    struct item item[TWINS_ITEMS_MAX];
    uint64_t order;
    bool failed;
    char failure[200];
};

/* Keys and instances for so many validators; heights only grow. */
struct twins *twins_create(size_t validators, bool real_signatures, struct twins_counts *counts);
void twins_free(struct twins **twins);
/* Plays one. True if the judges are content; else twins->failure says what was wrong.
 * *last_slot: the one in which all correct validators had decided; slots: after the healing. */
bool twins_play(size_t *last_slot, struct twins *twins, const struct scenario *scenario);

void twins_fail(struct twins *twins, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool twins_correct(const struct twins *twins, const struct instance *instance);
size_t twins_index(const struct twins *twins, const struct instance *instance);

/* world.c, for the host */
uint64_t twins_below(struct twins *twins, uint64_t bound);
void twins_later(struct twins *twins, enum item_kind kind, size_t to, size_t subject,
                 uint32_t round);
void twins_broadcast(struct twins *twins, size_t message);
void twins_fetch_body(struct twins *twins, struct instance *instance, size_t block);
size_t twins_block(struct twins *twins, const struct hash *hash);

/* host.c */
void host_make(struct twins *twins, size_t index);
void host_free(struct instance *instance);
void host_start(struct twins *twins, struct instance *instance);
/* True if it was taken. */
bool host_message(struct twins *twins, struct instance *instance, size_t message);
void host_item(struct twins *twins, const struct item *item);
void host_timeout(struct twins *twins, struct instance *instance, enum timer_kind kind);

/* judge.c */
void judge_signed(struct twins *twins, struct instance *instance, size_t message);
void judge_evidence(struct twins *twins, struct instance *instance,
                    const struct evidence *evidence);
void judge_decided(struct twins *twins, struct instance *instance,
                   const struct certificate *certificate);
void judge_end(struct twins *twins, uint32_t round_at_heal, bool before_heal);

/* ---- scenario.c ---- */

/* All partitions of n + 1 instances into at most two sets, in each of `slots` slots: 2^n of them
 * each. A part of all: those of one mode, one twin, and one choice for the first two slots. */
#define SYSTEMATIC_SLOTS 4
uint64_t systematic_count(size_t validators);
void systematic_scenario(struct scenario *out, size_t validators, uint64_t number);
/* The first number after `number` that differs from it in a slot up to last_slot. */
uint64_t systematic_next(uint64_t number, size_t validators, size_t last_slot);
void random_scenario(struct scenario *out, size_t validators, uint64_t seed);
/* "v4 t2 ls--- s0 h0 01011 00110 …": validators, twins, network, seed, height, sets. */
void scenario_text(char *out, size_t size, const struct scenario *scenario);
bool scenario_parse(struct scenario *out, const char *text);
/* Random ones that mistakes in the locks were found by: few are as telling. */
#define TELLING_COUNT 4
extern const char *const telling_scenarios[TELLING_COUNT];
size_t scenario_instances(const struct scenario *scenario);

#endif
