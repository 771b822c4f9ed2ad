/* Key files: secrets at rest. JSON {"format":"dirchain-key/1","kind","label","public",
 * "kdf":{"alg":"argon2id","ops","mem_kib","salt"},"box":{"nonce","ciphertext"}}, sealed with
 * argon2id and secretbox (libsodium). Mode 0600, refused if others may read it. Secrets live in
 * locked, guarded memory and are wiped when released. */
#ifndef DIRCHAIN_BASE_KEYFILE_H
#define DIRCHAIN_BASE_KEYFILE_H

#include "base/bytes.h"
#include "base/sign.h"

enum keyfile_kind {
    KEYFILE_OFFICER, /* ES256K, signs transactions */
    KEYFILE_VOTE,    /* BIP-340, signs votes */
    KEYFILE_PEER     /* Ed25519 seed, the node's peer channel */
};

/* An opened key. `secret` points into locked memory; release with keyfile_close. */
struct keyfile {
    enum keyfile_kind kind;
    char label[64];       /* e.g. "11440000006939756B/review" */
    uint8_t public_bytes[PUBLIC_KEY_BYTES]; /* 33 officer, 32 vote (x-only), 32 peer (Ed25519) */
    size_t public_len;
    uint8_t *secret; /* 32 bytes */
};

/* Cost of the key derivation: tests on a chain marked `test` may use the light one. */
enum keyfile_cost { KEYFILE_COST_NORMAL, KEYFILE_COST_LIGHT };

/* A passphrase in locked memory; {0} is none. */
struct passphrase {
    char *text;
    size_t len;
};
/* Reads the first line of a file (mode 0600 demanded; "-" is standard input). ERR_IO,
 * ERR_PERMISSION, ERR_FIELD_LENGTH when shorter than 8 characters. */
int passphrase_read_file(struct passphrase *out, const char *path);
/* Asks on the terminal without echo, twice if `confirm`. ERR_IO without a terminal. */
int passphrase_prompt(struct passphrase *out, const char *prompt, bool confirm);
void passphrase_free(struct passphrase *passphrase);

/* Makes a new random key and writes it; never overwrites. ERR_EXISTS, ERR_IO, ERR_DISK_FULL. */
int keyfile_create(const char *path, enum keyfile_kind kind, const char *label,
                   const struct passphrase *passphrase, enum keyfile_cost cost);
/* ERR_IO, ERR_PERMISSION, ERR_KEYFILE_FORMAT, ERR_PASSPHRASE. */
int keyfile_open(struct keyfile *out, const char *path, const struct passphrase *passphrase);
void keyfile_close(struct keyfile *keyfile); /* wipes; leaves {0} */
/* The public half without the passphrase. ERR_IO, ERR_KEYFILE_FORMAT. */
int keyfile_peek(struct keyfile *out, const char *path);
/* For callers of sign.h; the copy must be wiped by the caller. */
void keyfile_secret_key(struct secret_key *out, const struct keyfile *keyfile);

#endif
