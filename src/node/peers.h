/* The members' nodes and the links to them: who may talk to us, whom we dial, and one link each.
 *
 *   known ──dial or accept──► link ──TLS──► ready ──HELLO of the other side──► up ──► down
 *
 * Two nodes may dial each other at once. Of two links of the same run of the other node, the one
 * dialled by the smaller member id stays; both sides decide alike. A link of a new run (another
 * session) replaces the old one.
 *
 * Loop's thread only. */
#ifndef DIRCHAIN_NODE_PEERS_H
#define DIRCHAIN_NODE_PEERS_H

#include "node/link.h"
#include "node/redial.h"

struct peers;

/* A member's node. Lives until peers_close, also when the member is removed. */
struct peer {
    char member[MEMBER_ID_CHARS + 1];
    uint32_t id; /* for peers_find */
    bool validator;
    bool up;
    bool told_status;  /* since it is up */
    uint64_t statuses; /* how often */
    struct wire_status
        status;              /* what it told last; sync lowers the height to what it may ask for */
    uint64_t told_height;    /* the same as it was told */
    struct wire_offer offer; /* what it keeps of the past; zero: not told */
    /* Of those who were blamed: how often, how often cut off for it, and for what last. */
    uint64_t blamed, cut_off;
    char blamed_for[96];
    /* sync_fetch.c's own: asked only where nobody else can be, how long it rests when it is slow,
     * since it gave a block that holds, and the ranges whose end it has not told */
    int64_t slow_until_ms, rest_ms;
    unsigned ranges_asked;
    /* restorer.c's own */
    unsigned parts_asked, parts_failed, parts_divided;
    bool promised;       /* offered what is being restored when that began; gave none of it yet */
    int64_t part_ms;     /* that the last one took */
    bool odd_offer_told; /* in the log: it offers snapshots at heights where ours do not stand */
    /* intake.c's own: its gossip that is being verified */
    size_t gossip_txs, gossip_bytes;
    struct {               /* engine_roll.c's own: the roll call, since it is up */
        int64_t asked_ms;  /* 0: not asked */
        int64_t served_ms; /* when it was answered last, having asked itself */
        bool answered;
        uint64_t told; /* the tip it answered with */
    } roll;
    struct { /* engine_roll.c's own; the same over all its links, so that a new one gains no time */
        int64_t asked_ms;
        uint64_t tip;    /* the one that it told last */
        unsigned looks;  /* so often it was above all that is believed, and above our ledger */
        int64_t ours_ms; /* a second in which it told messages in our name, and how many */
        size_t ours;
        int64_t shown_ms; /* sync and restorer: the time of a header it gave that holds; 0: none */
        bool lied;        /* sync: of its tip, or with a block */
    } word;
    struct { /* engine_peers.c's own: a second of votes and proposals, and how many */
        int64_t since_ms;
        size_t count;
    } said;
    /* the table's own: peers_internal.h */
    struct peer_key key;
    struct endpoint endpoint;
    bool member_now, dial;
    struct { /* a second of heights and offers that it told, and of answers without a question */
        int64_t since_ms;
        unsigned statuses, offers, unasked;
    } tells;
    struct { /* a minute of greetings, also those refused */
        int64_t since_ms;
        unsigned count;
    } greets;
    struct link *link; /* up */
    uint8_t session[WIRE_SESSION_BYTES];
    struct link *dialling;
    struct redial redial;
    int64_t up_since_ms, banned_until_ms;
    unsigned blame;
};

struct peers_handler {
    void *context;
    void (*up)(void *context, struct peer *peer);
    void (*down)(void *context, struct peer *peer);
    /* Anything but HELLO and OFFER, which are noted in the peer. Non-zero closes the link. */
    int (*frame)(void *context, struct peer *peer, const struct frame *frame);
    /* The end of a turn: last chance to queue something before all is written. May be NULL. */
    void (*turn_ends)(void *context);
};

struct peers_config {
    uv_loop_t *loop;
    const char *member;
    struct hash genesis;
    const uint8_t *peer_seed; /* 32 bytes; read during open only */
    struct endpoint listen;
    struct peers_handler handler;
};
/* ERR_PORT, ERR_KEY_INVALID, ERR_UNAVAILABLE. */
int peers_open(struct peers **out, const struct peers_config *config);
/* Closes all links; `down` is called for those that are up. */
void peers_close(struct peers *peers);
void peers_free(struct peers **peers); /* after the loop has ended */
uint16_t peers_port(const struct peers *peers);
void peers_key(struct peer_key *out, const struct peers *peers);

/* One member of the ledger as peers see it. */
struct peers_member {
    char member[MEMBER_ID_CHARS + 1];
    struct peer_key key;
    struct endpoint endpoint; /* port 0: none known */
    bool validator;
};
/* The whole list, own member included or not: links of those who are no longer there, or have
 * another key now, are closed. Members with an endpoint that are validators are dialled. */
void peers_set_members(struct peers *peers, const struct peers_member *members, size_t count);

size_t peers_count(const struct peers *peers);
struct peer *peers_at(const struct peers *peers, size_t index);
struct peer *peers_find(const struct peers *peers, uint32_t id); /* NULL if none */
struct peer *peers_find_member(const struct peers *peers, const char *member);
size_t peers_up_count(const struct peers *peers, bool validators_only);

bool peer_send(struct peer *peer, struct view frames, enum link_importance importance);
/* To every peer that is up; `validators_only` leaves observers out. */
void peers_broadcast(struct peers *peers, struct view frames, enum link_importance importance,
                     bool validators_only);
/* Writes out what is queued. Done once a turn anyway; call it before long work. */
void peers_flush(struct peers *peers);
/* The peer sent something that an honest node does not send. At PEER_BLAME_MAX it is cut off for a
 * while. `why` is for the log. */
void peer_blame(struct peers *peers, struct peer *peer, unsigned points, const char *why);
/* It answered what nobody asks it, or asks no more. That happens where lines are slow; who does it
 * without end is blamed. */
void peer_unasked(struct peers *peers, struct peer *peer);

struct peers_stats {
    uint64_t bytes_in, bytes_out, dials, accepted, refused;
};
struct peers_stats peers_stats(const struct peers *peers);

#endif
