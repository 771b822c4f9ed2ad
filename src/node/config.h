/* The node's configuration file (YAML). Unknown keys, wrong types and missing fields are errors
 * that name the line. Relative paths are relative to the directory of the file. Everything
 * listens on loopback unless the file says otherwise.
 *
 * data_directory: data                  # ledger, safety record, read model
 * genesis: genesis.json
 * member: 11440000006939756B            # whose node this is
 * peer_listen: 127.0.0.1:7600
 * api_listen: 127.0.0.1:7700
 * gateway_listen: 127.0.0.1:7800        # optional
 * peers:                                # optional: other addresses than those on the ledger
 *   - {member: 11440000006939756B, endpoint: 10.0.0.2:7600}
 * keys: {vote: vote.key, peer: peer.key, passphrase_file: passphrase}
 *                                       # vote_next: vote-2.key, before the vote key changes
 * signers:                              # optional: keys this node signs with for a token's caller
 *   - {key_file: compile.key, name: oa-system, token_file: oa.token}
 * exchange:                             # optional: moves files between agencies
 *   key: gateway                        # which of the signers' keys; role gateway
 *   root: files                         # resources lie beneath; leave out to serve none
 *   inbox: inbox                        # where arrivals go
 *   resources:                          # what may leave, by the code that catalog.bind names
 *     - {id: trees-2026, path: alberi.csv, format: csv, delimiter: ";"}
 *   chunk_bytes: 262144
 *   rate_bytes_per_s: 0                 # of all that leaves; 0: no limit
 * history_blocks: 0                     # how many blocks are kept; 0: all (the archive)
 * snapshot_blocks: 2000                 # a snapshot for newcomers at each multiple; 0: none
 * snapshot_gap_blocks: 0                # farther behind, take one instead of blocks; 0: only where
 *                                       # blocks are not to be had; default: history_blocks
 * log_level: info
 * worker_threads: 1                     # 0: cores - 1
 * web_directory: web
 *
 * Observers leave out keys.vote. */
#ifndef DIRCHAIN_NODE_CONFIG_H
#define DIRCHAIN_NODE_CONFIG_H

#include "base/faults.h"
#include "node/endpoint.h"

#define CONFIG_BYTES_MAX (256 * 1024)

struct config_peer {
    char *member;
    char *endpoint;
};

struct config_signer {
    char *key_file;
    char *name;
    char *token_file;
};

struct config_keys {
    char *vote;      /* NULL: observer */
    char *vote_next; /* of a change of the vote key, before it or after; NULL: none */
    char *peer;
    char *passphrase_file;
};

struct config_resource {
    char *id;
    char *path;      /* beneath the root */
    char *format;    /* csv or file; NULL: by the name's ending */
    char *delimiter; /* NULL: as the header has it */
};

struct config_exchange {
    char *key;
    char *root; /* NULL: serves none */
    char *inbox;
    struct config_resource *resources;
    unsigned resources_count;
    uint32_t chunk_bytes;      /* 0: the gateway's default */
    uint64_t rate_bytes_per_s; /* 0: no limit */
    char *chunk_bytes_text;    /* as written; NULL: not there */
    char *rate_bytes_per_s_text;
};

/* Texts are owned by the configuration; paths are absolute or relative to the working
 * directory as after config_load. */
struct config {
    char *data_directory;
    char *genesis;
    char *member;
    char *peer_listen;
    char *api_listen;
    char *gateway_listen; /* NULL: none */
    struct config_peer *peers;
    unsigned peers_count;
    struct config_keys keys;
    struct config_signer *signers;
    unsigned signers_count;
    struct config_exchange *exchange; /* NULL: no gateway */
    uint64_t history_blocks;          /* 0: all */
    uint64_t snapshot_blocks;         /* 0: none are offered */
    uint64_t snapshot_gap_blocks;     /* 0: only where blocks are not to be had */
    char *history_blocks_text;        /* as written; NULL: not there */
    char *snapshot_blocks_text;
    char *snapshot_gap_blocks_text;
    char *log_level;
    unsigned worker_threads;
    char *worker_threads_text; /* as written; NULL: not there */
    char *web_directory;       /* NULL: no pages */
};

/* Reads and checks a file. ERR_NOT_FOUND, ERR_NOT_FILE, ERR_LINK_LOOP, ERR_IO, ERR_TOO_LARGE; what
 * is wrong in it, ERR_CONFIG… or a field's error, with a fault "file:line: key". */
int config_load(struct config **out, struct faults *faults, const char *path);
/* The same from memory, faults "line: key"; `directory` is what relative paths are relative to (""
 * is none). */
int config_parse(struct config **out, struct faults *faults, struct view text,
                 const char *directory);
void config_free(struct config **config);

#endif
