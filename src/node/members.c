/* Reads records "member/<id>". A suspended member signs nothing that the ledger takes, but its node
 * still replicates: whoever is suspended must be able to see why. */
#include "node/members.h"

#include "base/doc.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/block.h"
#include "chain/schema.h"
#include "chain/state_tree.h"

#include <stdio.h>
#include <string.h>

static const char *endpoint_text(const struct config *config, const char *member,
                                 const struct doc *record)
{
    for (unsigned i = 0; i < config->peers_count; i++) {
        if (strcmp(config->peers[i].member, member) == 0) {
            return config->peers[i].endpoint;
        }
    }
    return doc_get_text(record, "peer_endpoint");
}

/* 0, ERR_NOT_FOUND for one that is not to be listed, ERR_CORRUPT. */
static int read_member(struct peers_member *out, struct view value,
                       const struct validator_set *validators, const struct config *config)
{
    AUTO(doc_free) struct doc *record = NULL;
    if (doc_parse(&record, value, STATE_VALUE_BYTES_MAX) != 0) {
        return ERR_CORRUPT;
    }
    const char *id = doc_get_text(record, "id");
    const char *key = doc_get_text(record, "peer_key");
    if (id == NULL || strlen(id) != MEMBER_ID_CHARS || key == NULL) {
        return ERR_CORRUPT;
    }
    if (doc_text_is(record, "status", "removed")) {
        return ERR_NOT_FOUND;
    }
    *out = (struct peers_member){.validator = validators_find(validators, id) >= 0};
    memcpy(out->member, id, MEMBER_ID_CHARS);
    const char *endpoint = endpoint_text(config, id, record);
    if (endpoint_parse(&out->endpoint, endpoint) != 0) {
        log_write(LOG_WARN, "members", "%s has no usable peer endpoint", id);
        out->endpoint = (struct endpoint){0};
    }
    return hex_decode(out->key.bytes, PEER_KEY_BYTES, view_of_text(key)) == 0 ? 0 : ERR_CORRUPT;
}

int members_read(struct peers_member **out, size_t *count, struct kv *kv,
                 const struct validator_set *validators, const struct config *config)
{
    struct state_cursor *cursor = state_cursor_open(kv, NULL, "member/", NULL);
    struct peers_member *list = NULL;
    const char *key;
    struct view value;
    int error = 0;
    *count = 0;
    while (error == 0 && *count < MEMBERS_MAX && state_cursor_next(cursor, &key, &value)) {
        if (*count % 64 == 0) {
            list = memory_resize(list, (*count + 64) * sizeof *list);
        }
        error = read_member(&list[*count], value, validators, config);
        *count += error == 0;
        error = error == ERR_NOT_FOUND ? 0 : error;
    }
    if (error == 0) {
        error = state_cursor_error(cursor);
    }
    state_cursor_free(&cursor);
    if (error != 0) {
        memory_free(list);
        list = NULL;
    }
    *out = list;
    return error;
}

/* By the table: chiefs change their own records, the center's admin everything about members. */
bool members_may_change(const struct block *block)
{
    for (size_t i = 0; i < block->tx_count; i++) {
        if ((block->txs[i]->type->roles & (1u << ROLE_ADMIN | 1u << ROLE_CHIEF)) != 0) {
            return true;
        }
    }
    return false;
}
