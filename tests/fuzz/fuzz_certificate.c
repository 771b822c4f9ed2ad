/* The small fixed formats on anything. The first byte chooses: certificate, vote, evidence,
 * validator set. What decodes encodes to the same bytes; what verifies was not made here. */
#include "fuzz.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/certificate.h"

#include <stdio.h>

/* Members 1 and 2 with ids as in the vectors, keys that are not: no signature can verify. */
static struct validator_set some_set(void)
{
    static const char *const members[] = {"11990000000000001G", "11990000000000002E"};
    struct validator_set set = {.count = 2};
    for (size_t i = 0; i < set.count; i++) {
        struct secret_key secret = {{7, (uint8_t)i}};
        (void)snprintf(set.item[i].member, sizeof set.item[i].member, "%s", members[i]);
        ENSURE(sign_vote_key(&set.item[i].key, &secret) == OK);
    }
    return set;
}

static void use_certificate(struct buf *again, struct reader *reader)
{
    struct certificate certificate;
    struct hash genesis = fuzz_genesis();
    struct validator_set set = some_set();
    if (certificate_decode(&certificate, reader) != OK)
        return;
    certificate_encode(again, &certificate);
    ENSURE(certificate_verify(&certificate, &genesis, certificate.height, &certificate.block,
                              &set) != OK);
}

static void use_vote(struct buf *again, struct reader *reader)
{
    struct vote vote;
    if (vote_decode(&vote, reader) == OK)
        vote_encode(again, &vote);
}

static void use_evidence(struct buf *again, struct reader *reader)
{
    struct evidence evidence;
    struct hash genesis = fuzz_genesis();
    struct validator_set set = some_set();
    if (evidence_decode(&evidence, reader) != OK)
        return;
    evidence_encode(again, &evidence);
    ENSURE(evidence_verify(&evidence, &genesis, &set) != OK);
    evidence_order(&evidence);
    ENSURE(hash_compare(&evidence.a.block, &evidence.b.block) <= 0);
}

static void use_validators(struct buf *again, struct reader *reader)
{
    struct validator_set set;
    if (validators_decode(&set, reader) != OK)
        return;
    ENSURE(validators_check(&set) == OK);
    validators_encode(again, &set);
    ENSURE(validators_proposer(&set, UINT64_MAX, UINT32_MAX) < set.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const uses[])(struct buf *, struct reader *) = {use_certificate, use_vote,
                                                                  use_evidence, use_validators};
    AUTO(buf_free) struct buf again = {0};
    if (size == 0)
        return 0;
    struct reader reader = reader_of(view_of(data + 1, size - 1));
    uses[data[0] % 4](&again, &reader);
    if (again.len > 0)
        ENSURE(view_equal(view_of_buf(&again), view_of(data + 1, size - 1 - reader.rest.len)));
    return 0;
}
