/* Harvesting: a feed of datasets compared with what the ledger holds of its provider. Agencies'
 * feeds flap: a dataset is missing one night and back the next. So one that vanished is retired
 * only after it stayed away for some harvests and some days, and only if it came from this feed.
 *
 *   present ──missing──▶ away (since a day, for so many harvests) ──long enough──▶ retirement
 *      ▲                   │                                                       applied for
 *      └────── back ───────┘ flapped once more
 *
 * What is known of the feed is a state file:
 *
 *   {"format":"dirchain-harvest/1","chain","member","total","harvests",
 *    "unfinished":<digest of the feed, until its plan is carried out>,
 *    "datasets":{<code>:{"identifier","away","since","flaps","entry",
 *                        "changing":{"acts_on","entry","reason"},
 *                        "retiring":{"reason","flaps"}}}}
 *
 * "retiring" is the deletion that a harvest applied for last: with which reason, and in
 * which absence. "entry" is the draft that the ledger has taken. What the feed changes is what
 * differs between it and the new draft; what the agency's officers changed on the ledger meanwhile
 * stays. "changing" is the change that a harvest applied for last, with the draft that it is by,
 * until it is over: if the ledger took it, that draft is "entry" then (harvest_follow).
 *
 * Everything here is a function of its arguments: no clock, no node. */
#ifndef DIRCHAIN_NODE_CLI_HARVEST_H
#define DIRCHAIN_NODE_CLI_HARVEST_H

#include "base/doc.h"
#include "base/faults.h"
#include "base/hash.h"

struct harvest_feed {
    struct hash digest;            /* of the feed's bytes */
    size_t total;                  /* datasets in it, whether readable or not */
    const struct doc *bodies;      /* drafts in order, of catalog.submit */
    const struct doc *identifiers; /* of each draft */
    const struct doc *refused;     /* of {"identifier",…}: they are there, though at fault */
};
struct harvest_rules {
    int64_t absences;   /* harvests that it has to stay away */
    int64_t days;       /* and calendar days */
    bool accept_shrink; /* a feed less than half as large as the last is no fault */
    int64_t day;        /* today, Beijing time (civil_day) */
};

/* An empty state of a feed. */
struct doc *harvest_state_new(const struct hash *chain, const char *member);
/* The form of a state file, and whose it is: ERR_HARVEST_STATE. */
int harvest_state_check(const struct doc *state, const struct hash *chain, const char *member);

/* Takes the feed into the state, unless it is the one that is unfinished: that one was counted.
 * ERR_FEED_SHRUNK, and the state is as it was. */
int harvest_note(struct doc *state, const struct harvest_feed *feed,
                 const struct harvest_rules *rules);
/* Of the changes that harvests applied for and that wait no more, notes whether the ledger took
 * them: by the records of the last applications and of the entries, by code. Before planning. */
void harvest_follow(struct doc *state, const struct doc *changes, const struct doc *entries);
/* What is to be done, by a state that noted this feed and the ledger's entry records by code:
 *
 *   submit   bodies: new ones, and those returned that have changed since
 *   change   bodies: published ones that the feed tells in another way
 *   retire   bodies: published ones that stayed away
 *   waiting  of {"code","why"}: under review, or somebody applied for its deletion
 *   blocked  of {"code","why"}: needs somebody's decision
 *   away     of {"code","harvests","since"}: missing, not long enough
 *   flapping of {"code","times"}: back from being away, this time or before
 *   unchanged  codes
 *   back     of {"code","why"}: there again, while somebody has applied for its deletion, who has
 *            to decide (harvest_present)
 *   withdraw bodies: a harvest's own application is under way, for the deletion of what is there
 *            again, or for a change to what the feed says no more (harvest_present)
 */
struct doc *harvest_plan(const struct doc *state, const struct harvest_feed *feed,
                         const struct doc *entries, const struct harvest_rules *rules);
/* Takes a change or retirement out of the plan where an application is under way, or was returned
 * or taken back and is the same; `change` is the record of the last one. */
void harvest_settle(struct doc *plan, const struct doc *state, const char *list,
                    const struct doc *change);
/* If `change` is a deletion that is under way of what the feed has, moves it in the plan to those
 * to be taken back, or to those that somebody has to decide on or waits for; one that is decided,
 * and carried out by its plan, to those that need somebody's decision. If it is a harvest's own
 * change that is under way, and the feed says something else now, to those to be taken back. */
void harvest_present(struct doc *plan, const struct doc *state, const struct harvest_feed *feed,
                     const struct doc *change);
/* The plan is about to be carried out: the changes and deletions in it are the harvest's own,
 * whatever interrupts it. To be written down before anything is submitted. */
void harvest_begin(struct doc *state, const struct harvest_feed *feed, const struct doc *plan);
/* The plan is carried out: what was submitted or is unchanged is what the ledger has. */
void harvest_finish(struct doc *state, const struct harvest_feed *feed, const struct doc *plan);

#endif
