/* Signatures: real ones, or marks in their place, a hundred times faster and just as checkable
 * here: a hash of public key and digest, which only the holder of the secret is given. */
#include "sim.h"

#include "base/ensure.h"

#include <string.h>

#define KEYS_MAX ((SIM_VALIDATORS_MAX + 2) * SIM_KEYS)

struct known {
    struct secret_key secret;
    struct public_key public;
    struct vote_key vote;
};

static struct known known[KEYS_MAX];
static size_t known_count;
bool signs_real; /* founding.c makes keys before there is a world */

int __wrap_es256k_sign(struct signature *out, const struct secret_key *secret,
                       const struct hash *digest);
int __real_es256k_sign(struct signature *out, const struct secret_key *secret,
                       const struct hash *digest);
bool __wrap_es256k_verify(const struct public_key *key, const struct hash *digest,
                          const struct signature *signature);
bool __real_es256k_verify(const struct public_key *key, const struct hash *digest,
                          const struct signature *signature);
int __wrap_schnorr_sign(struct signature *out, const struct secret_key *secret,
                        const struct hash *digest);
int __real_schnorr_sign(struct signature *out, const struct secret_key *secret,
                        const struct hash *digest);
bool __wrap_schnorr_verify(const struct vote_key *key, const struct hash *digest,
                           const struct signature *signature);
bool __real_schnorr_verify(const struct vote_key *key, const struct hash *digest,
                           const struct signature *signature);

static const struct known *find(const struct secret_key *secret)
{
    for (size_t i = 0; i < known_count; i++) {
        if (memcmp(&known[i].secret, secret, sizeof *secret) == 0)
            return &known[i];
    }
    return NULL;
}

void signs_learn(const struct secret_key *secret)
{
    if (find(secret) != NULL)
        return;
    ENSURE(known_count < KEYS_MAX);
    struct known *key = &known[known_count++];
    key->secret = *secret;
    ENSURE(sign_public_key(&key->public, secret) == 0);
    ENSURE(sign_vote_key(&key->vote, secret) == 0);
}

static void mark(struct signature *out, const void *key, size_t len, const struct hash *digest)
{
    struct view parts[] = {view_of(key, len), hash_view(digest)};
    struct hash hash = hash_sha256_parts(parts, 2);
    memcpy(out->bytes, hash.bytes, HASH_BYTES);
    memcpy(out->bytes + HASH_BYTES, hash.bytes, HASH_BYTES);
}

static bool is_mark(const void *key, size_t len, const struct hash *digest,
                    const struct signature *signature)
{
    struct signature right;
    mark(&right, key, len, digest);
    return memcmp(&right, signature, sizeof right) == 0;
}

int __wrap_es256k_sign(struct signature *out, const struct secret_key *secret,
                       const struct hash *digest)
{
    if (signs_real)
        return __real_es256k_sign(out, secret, digest);
    const struct known *key = find(secret);
    ENSURE(key != NULL);
    mark(out, key->public.bytes, PUBLIC_KEY_BYTES, digest);
    return 0;
}

bool __wrap_es256k_verify(const struct public_key *key, const struct hash *digest,
                          const struct signature *signature)
{
    return signs_real ? __real_es256k_verify(key, digest, signature)
                      : is_mark(key->bytes, PUBLIC_KEY_BYTES, digest, signature);
}

int __wrap_schnorr_sign(struct signature *out, const struct secret_key *secret,
                        const struct hash *digest)
{
    if (signs_real)
        return __real_schnorr_sign(out, secret, digest);
    const struct known *key = find(secret);
    ENSURE(key != NULL);
    mark(out, key->vote.bytes, VOTE_KEY_BYTES, digest);
    return 0;
}

bool __wrap_schnorr_verify(const struct vote_key *key, const struct hash *digest,
                           const struct signature *signature)
{
    return signs_real ? __real_schnorr_verify(key, digest, signature)
                      : is_mark(key->bytes, VOTE_KEY_BYTES, digest, signature);
}
