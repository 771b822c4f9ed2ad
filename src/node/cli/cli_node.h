/* The node as the command-line tool sees it: its address, reading from it, and submitting signed
 * transactions to it. Problem documents that it answers are told as they are. */
#ifndef DIRCHAIN_NODE_CLI_CLI_NODE_H
#define DIRCHAIN_NODE_CLI_CLI_NODE_H

#include "node/cli/cli.h"
#include "node/cli/cli_http.h"

#include "base/hash.h"

#define CLI_NODE_DEFAULT "http://127.0.0.1:7700"
#define CLI_URL_BYTES_MAX 2048
#define CLI_NODE_URL_BYTES 512

struct cli_node {
    struct cli *cli;
    struct cli_http *http;
    char url[CLI_NODE_URL_BYTES]; /* without a slash at the end */
    int64_t timeout_ms;
    struct passphrase token; /* of --token-file; locked memory */
};

/* The address of a node as an option gave it, without slashes at its end. 0 or an exit code. */
int cli_node_url(char out[CLI_NODE_URL_BYTES], struct cli *cli, const char *option,
                 const char *url);
int cli_node_timeout(int64_t *out_ms, struct cli *cli); /* --timeout-s; 0 or an exit code */
/* From --node, DIRCHAIN_NODE or the default. 0 or an exit code. Nothing is sent yet. */
int cli_node_open(struct cli_node *node, struct cli *cli);
void cli_node_close(struct cli_node *node);
/* From now on the token of --token-file (or DIRCHAIN_TOKEN_FILE) goes along, if there is one. */
int cli_node_authorise(struct cli_node *node);

/* GET of a path (with query). 0 and a document, or an exit code after telling why. */
int cli_node_get(struct cli_node *node, struct doc **out, const char *path);
/* The same; what is not there (404) is NULL and 0. */
int cli_node_find(struct cli_node *node, struct doc **out, const char *path);
/* POST of a JSON document (NULL: without a body worth naming). 0 and the answer, or an exit code.
 */
int cli_node_post(struct cli_node *node, struct doc **out, const char *path,
                  const struct doc *body);
/* The record under a state key (docs/spec/state.md), NULL if there is none. */
int cli_node_state(struct cli_node *node, struct doc **out, const char *key);

/* Appends text with everything but letters, digits and -._~ percent-encoded. */
void cli_url_append(struct buf *out, const char *text);
/* The same, but for slashes, which stay. */
void cli_url_append_path(struct buf *out, const char *text);

/* ---- transactions ---- */

/* Who signs: from --key. The member and name are known before the passphrase is asked for. */
struct cli_signer {
    struct keyfile key; /* closed until cli_signer_open */
    char member[MEMBER_ID_CHARS + 1];
    char name[KEY_NAME_CHARS_MAX + 1];
    bool light; /* cheap to guess: signs for test chains only */
};
int cli_signer_peek(struct cli_signer *signer, struct cli *cli);
int cli_signer_open(struct cli_signer *signer, struct cli *cli);
void cli_signer_close(struct cli_signer *signer);

/* What a signature is made for: chain and expiry. --genesis or --chain pin the chain (a node that
 * says another one is refused), and with --genesis receipts are verified. */
struct cli_chain {
    struct hash hash;
    struct doc *genesis; /* NULL: not given */
    int64_t expires_ms;
    bool test; /* says the genesis, or the node where none is given */
};
/* From a node. A light key is refused unless the chain is a test chain; `signer` NULL: nothing will
 * be signed. 0 or an exit code. */
int cli_chain_open(struct cli_chain *out, struct cli_node *node, const struct cli_signer *signer);
/* With no node: the chain must be given, and our clock tells the time. That it is a test chain only
 * a genesis can say. */
int cli_chain_open_offline(struct cli_chain *out, struct cli *cli, const struct cli_signer *signer);
void cli_chain_close(struct cli_chain *chain);

/* Signs with the opened key; the JWS is appended. txid may be NULL. 0 or an exit code. */
int cli_sign(struct cli *cli, struct buf *out, char txid[2 * HASH_BYTES + 1],
             const struct cli_chain *chain, const struct cli_signer *signer, const char *type,
             const struct doc *body);
/* txid of a JWS: SHA-256 of its signing input. False if it is none. */
bool cli_txid(char out[2 * HASH_BYTES + 1], struct view jws);

/* What a node answers to a submission: a receipt, verified if the genesis is known, whose block's
 * height goes to *height; or, without waiting, no more than a txid (height 0). 0 or an exit code
 * after telling what is wrong with it. */
int cli_receipt_check(struct cli *cli, int64_t *height, const struct cli_chain *chain,
                      const struct doc *answer, const char *txid);

/* Path of submission, with or without waiting for the block. */
const char *cli_submit_path(const struct cli *cli);
/* Submits a JWS. 0 and the node's answer, or an exit code after telling why. */
int cli_submit(struct cli_node *node, struct doc **out, struct view jws);
/* Reads an answer's body; a problem document or none is told. 0 or an exit code. */
int cli_node_answer(struct cli_node *node, struct doc **out, int error,
                    const struct cli_http_answer *answer);

#endif
