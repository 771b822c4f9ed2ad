/* Making and verifying join requests. The judgement itself is the ledger's
 * (chain/rules/join_request.h), so that what an agency hears when it signs is what the center and
 * every node will say. */
#include "genesis/join.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/rule.h"
#include "chain/rules/join_request.h"

#include <string.h>

int join_verify(struct faults *faults, const struct doc *request)
{
    return rules_check_join(faults, request, NULL);
}

static void set_signature(struct doc *request, const char *field, const struct signature *signature)
{
    AUTO(buf_free) struct buf text = {0};
    base64url_append(&text, view_of(signature->bytes, sizeof signature->bytes));
    doc_set_text(request, field, buf_text(&text));
}

int join_sign(struct doc *request, struct faults *faults, const struct keyfile *chief,
              const struct keyfile *vote)
{
    if (chief->kind != KEYFILE_OFFICER || chief->secret == NULL) {
        return faults_add(faults, ERR_KEY_INVALID, NULL, "signature");
    }
    if (vote->kind != KEYFILE_VOTE || vote->secret == NULL) {
        return faults_add(faults, ERR_KEY_INVALID, NULL, "vote_signature");
    }
    struct hash digest;
    struct secret_key secret;
    struct signature signature;
    join_request_digest(&digest, request);

    keyfile_secret_key(&secret, chief);
    int error = es256k_sign(&signature, &secret, &digest);
    if (error == 0) {
        set_signature(request, "signature", &signature);
        keyfile_secret_key(&secret, vote);
        error = schnorr_sign(&signature, &secret, &digest);
    }
    memory_wipe(&secret, sizeof secret);
    if (error != 0) {
        return faults_add(faults, error, NULL, "signature");
    }
    set_signature(request, "vote_signature", &signature);
    return join_verify(faults, request);
}
