/* Key files: secrets at rest. JSON {"format":"dirchain-key/1","kind","label","public",
 * "kdf":{"alg":"argon2id","ops","mem_kib","salt"},"box":{"nonce","ciphertext"}}, bytes in hex,
 * sealed with argon2id and secretbox (libsodium). The box holds the secret and a tagged hash of
 * the canonical form of the rest, so no part can be changed. Mode 0600, refused if others may
 * read it. Secrets live in locked, guarded memory and are wiped when released. */
#ifndef DIRCHAIN_BASE_KEYFILE_H
#define DIRCHAIN_BASE_KEYFILE_H

#include "base/bytes.h"
#include "base/sign.h"

enum keyfile_kind {
    KEYFILE_OFFICER, /* ES256K, signs transactions */
    KEYFILE_VOTE,    /* BIP-340, signs votes */
    KEYFILE_PEER     /* Ed25519 seed, the node's peer channel */
};

/* Cost of the key derivation: tests on a chain marked `test` may use the light one. */
enum keyfile_cost { KEYFILE_COST_NORMAL, KEYFILE_COST_LIGHT };

/* An opened key. `secret` points into locked memory; release with keyfile_close. */
struct keyfile {
    enum keyfile_kind kind;
    char label[64];                         /* e.g. "11440000006939756B/review" */
    uint8_t public_bytes[PUBLIC_KEY_BYTES]; /* 33 officer, 32 vote (x-only), 32 peer (Ed25519) */
    size_t public_len;
    enum keyfile_cost cost; /* light: cheaper to guess than a normal one; only for tests */
    uint8_t *secret;        /* 32 bytes, read-only; NULL after keyfile_peek */
};

/* A passphrase in locked memory; {0} is none. */
struct passphrase {
    char *text;
    size_t len;
};
/* Reads the first line of a file (mode 0600 demanded; "-" is standard input). ERR_IO,
 * ERR_NOT_FOUND, ERR_PERMISSION, ERR_FIELD_LENGTH when shorter than 8 characters or longer than
 * 1024, ERR_FIELD_FORMAT for a NUL. */
int passphrase_read_file(struct passphrase *out, const char *path);
/* Asks on the terminal without echo, twice if `confirm` (then 8 characters at least). ERR_IO
 * without a terminal; ERR_FIELD_LENGTH, ERR_FIELD_FORMAT when three tries were too short or
 * differed. Not from several threads at once. */
int passphrase_prompt(struct passphrase *out, const char *prompt, bool confirm);
void passphrase_free(struct passphrase *passphrase);

/* Makes a new random key and writes it; never overwrites. ERR_EXISTS, ERR_IO, ERR_NOT_FOUND (no
 * such directory), ERR_DISK_FULL, ERR_FIELD_LENGTH (passphrase shorter than 8, label not 1…63),
 * ERR_FIELD_FORMAT (label), ERR_UNAVAILABLE (no memory for the derivation). */
int keyfile_create(const char *path, enum keyfile_kind kind, const char *label,
                   const struct passphrase *passphrase, enum keyfile_cost cost);
/* ERR_IO, ERR_NOT_FOUND, ERR_PERMISSION, ERR_KEYFILE_FORMAT, ERR_PASSPHRASE (which a damaged box
 * gives too), ERR_UNAVAILABLE. *out is {0} on error. */
int keyfile_open(struct keyfile *out, const char *path, const struct passphrase *passphrase);
void keyfile_close(struct keyfile *keyfile); /* wipes; leaves {0} */
/* The public half without the passphrase; nothing vouches for it but the file itself, so compare
 * it with the ledger. Any mode. ERR_IO, ERR_NOT_FOUND, ERR_KEYFILE_FORMAT. */
int keyfile_peek(struct keyfile *out, const char *path);
/* For callers of sign.h; the copy must be wiped by the caller. */
void keyfile_secret_key(struct secret_key *out, const struct keyfile *keyfile);

#endif
