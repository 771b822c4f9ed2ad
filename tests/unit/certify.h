/* Certificates of the fixture's validators for blocks that a test makes itself. Include after
 * rules_fixture.h. */
#ifndef DIRCHAIN_TESTS_UNIT_CERTIFY_H
#define DIRCHAIN_TESTS_UNIT_CERTIFY_H

#include "chain/app.h"
#include "chain/vote.h"

/* Precommits of the first validators, as many as a quorum, for the block after the app's tip. */
static inline struct certificate certify(const struct app *app, const struct block *block)
{
    const struct validator_set *set = app_next_validators(app);
    struct certificate certificate = {.height = block->header.height,
                                      .block = block->hash,
                                      .count = validators_quorum(set->count)};
    for (size_t i = 0; i < certificate.count; i++) {
        const char *member = set->item[i].member;
        struct vote vote = {
            .type = VOTE_PRECOMMIT, .height = certificate.height, .block = block->hash};
        struct secret_key secret = fixture_secret(fixture_number(member), FIXTURE_VOTE);
        struct hash digest;
        memcpy(vote.validator, member, sizeof vote.validator);
        vote_digest(&digest, app_genesis_hash(app), &vote);
        memcpy(certificate.signer[i].member, member, MEMBER_ID_CHARS + 1);
        assert_int_equal(schnorr_sign(&certificate.signer[i].signature, &secret, &digest), 0);
    }
    return certificate;
}

#endif
