/* Following the chain by its certified headers. */
#include "chain/light.h"

#include "base/doc.h"
#include "base/errors.h"

int light_item_get(struct light_item *out, struct faults *faults, const struct doc *object,
                   const char *claim)
{
    struct hash named;
    int error = certified_header_get(&out->header, &out->certificate, faults, object, claim);
    if (error != 0)
        return error;
    out->place = header_place_of(&out->header);
    out->changes = !hash_equal(&out->header.validators, &out->header.next_validators);
    if (doc_count(object) != 2u + out->changes)
        return faults_add(faults, ERR_FIELD_UNKNOWN, NULL, "%s", claim);
    if (!out->changes)
        return 0;
    error = validator_set_get(&out->next_set, object);
    if (error == 0) {
        validators_hash(&named, &out->next_set);
        error = hash_equal(&named, &out->header.next_validators) ? 0 : ERR_VALIDATORS;
    }
    return error != 0 ? faults_add(faults, error, NULL, "%s.set", claim) : 0;
}

struct doc *light_item_doc(const struct light_item *item)
{
    struct doc *object = doc_new_object();
    certified_header_put(object, &item->header, &item->certificate);
    if (item->changes)
        validator_set_put(object, &item->next_set);
    return object;
}

int light_start(struct light *out, const struct doc *genesis, const struct hash *genesis_hash)
{
    out->tip = (struct header_place){
        .height = 0, .hash = *genesis_hash, .time_ms = doc_get_int(genesis, "time_ms", 0)};
    return validator_walk_start(&out->walk, genesis, genesis_hash);
}

int light_start_at(struct light *out, struct light_item *item, struct faults *faults,
                   const struct doc *genesis, const struct hash *genesis_hash,
                   const struct doc *start)
{
    struct hash named;
    int error = light_start(out, genesis, genesis_hash);
    if (error != 0)
        return faults_add(faults, error, NULL, "genesis");
    error = validator_walk_steps(&out->walk, faults, doc_get(start, "history"), "history");
    if (error == 0)
        error = certified_header_get(&item->header, &item->certificate, faults, start, "start");
    if (error == 0)
        error =
            validator_walk_verify(&out->walk, faults, &item->header, &item->certificate, "start");
    if (error != 0)
        return error;
    error = validator_set_get(&item->next_set, start);
    if (error == 0) {
        validators_hash(&named, &item->next_set);
        error = hash_equal(&named, &item->header.next_validators) ? 0 : ERR_VALIDATORS;
    }
    if (error != 0)
        return faults_add(faults, error, NULL, "start.set");
    item->place = header_place_of(&item->header);
    item->changes = !hash_equal(&item->header.validators, &item->header.next_validators);
    light_advance(out, item);
    return 0;
}

int light_link(const struct light *light, struct faults *faults, const struct light_item *item,
               const char *claim)
{
    struct hash expected;
    if (!hash_equal(&item->header.genesis, &light->walk.genesis))
        return faults_add(faults, ERR_TX_CHAIN, NULL, "%s.header.genesis", claim);
    if (!header_follows(&item->header, &light->tip))
        return faults_add(faults, ERR_BLOCK_LINK, NULL, "%s.header", claim);
    validators_hash(&expected, &light->walk.set);
    return hash_equal(&item->header.validators, &expected)
               ? 0
               : faults_add(faults, ERR_VALIDATORS, NULL, "%s.header.validators", claim);
}

int light_verify(const struct light *light, struct faults *faults, const struct light_item *item,
                 const char *claim)
{
    return validator_walk_verify(&light->walk, faults, &item->header, &item->certificate, claim);
}

void light_advance(struct light *light, const struct light_item *item)
{
    light->tip = item->place;
    light->walk.from = item->place.height + 1;
    if (item->changes)
        light->walk.set = item->next_set;
}
