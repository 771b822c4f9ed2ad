/* What the parts of the table of peers share: peers.c has its life and what is sent,
 * peers_members.c who is in it, peers_links.c how links come up and go, peers_watch.c dialling and
 * deadlines. */
#ifndef DIRCHAIN_NODE_PEERS_INTERNAL_H
#define DIRCHAIN_NODE_PEERS_INTERNAL_H

#include "node/peers.h"

/* An accepted connection that is not up yet. A link that is dialled or up is owned by its peer, one
 * of two that lost, or was replaced, by nobody. */
struct pending {
    struct pending *next;
    struct link *link;
};

struct peers {
    uv_loop_t *loop;
    uv_tcp_t listener;
    uv_timer_t tick;
    uv_prepare_t prepare;
    struct link_environment environment;
    struct wire_hello hello;
    struct peers_handler handler;
    struct peer **peer;
    size_t count;
    struct pending *pending; /* accepted or ready, not up */
    size_t pending_count;
    bool closing;
    int64_t ticked_ms, awake_since_ms;
    uint64_t random;
    struct peers_stats stats;
};

uint64_t peers_random(struct peers *peers); /* only spreads dials in time */

/* peers_members.c */
struct peer *peers_find_key(const struct peers *peers, const struct peer_key *key);
void peer_cut(struct peer *peer, const char *why);

/* peers_links.c */
extern const struct link_handler peers_link_handler;
/* Asked during the handshake: members only, not ourselves, not who is cut off. */
bool peers_is_known(void *context, const struct peer_key *key);
void peers_on_connection(uv_stream_t *listener, int status);
/* Ends a connection that is not up. Who showed its key there owed a greeting, and is blamed. */
void peers_give_up(struct peers *peers, struct link *link, const char *why);

/* peers_watch.c */
void peers_watch_start(struct peers *peers);
void peers_dial_due(struct peers *peers, struct peer *peer, int64_t now);
/* For how long nothing has come, or could have: while we slept nobody could be heard. */
int64_t peers_silent_ms(const struct peers *peers, const struct link *link, int64_t now);
/* For how long one that showed its key could have greeted. */
int64_t peers_ungreeted_ms(const struct peers *peers, const struct link *link, int64_t now);

#endif
