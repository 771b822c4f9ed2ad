/* The signer: the only holder of the vote key, and the rule that makes double signing impossible.
 *
 *   persist(record)  signs what the record newly holds, in memory; writes the record with its
 *                    signatures; syncs. Refused unless (height, round, step) moves forward or all
 *                    signed bytes are identical, and unless the lock keeps what it must.
 *   sign(message)    hands out the signature of exactly these bytes from the synced record,
 *                    however often it is asked.
 *
 *   hold(height)     signs nothing up to there: the record was found to be older than what the key
 *                    has signed. Ends by itself above that height, or by resume, which is for the
 *                    key's owner to decide.
 *
 * So a signature leaves only after its record is durable, a node asked again after a crash gives
 * the same bytes, and a bug or a rolled-back caller cannot make it contradict itself. */
#ifndef DIRCHAIN_CONSENSUS_SIGNER_H
#define DIRCHAIN_CONSENSUS_SIGNER_H

#include "consensus/safety.h"

/* schnorr_sign, or what a simulator puts in its place. */
typedef int (*signer_sign_function)(struct signature *out, const struct secret_key *secret,
                                    const struct hash *digest);

struct signer;

/* Takes over *safety (set to NULL), also on error. `sign` may be NULL: schnorr_sign.
 * ERR_KEY_INVALID. */
int signer_open(struct signer **out, struct safety **safety, const struct hash *genesis,
                const char *member, const struct secret_key *secret, signer_sign_function sign);
void signer_close(struct signer **signer); /* wipes the key */

/* The newest durable record: what START_HEIGHT resumes from. */
const struct safety_record *signer_record(const struct signer *signer);

/* Effect PERSIST. Identical to what is stored: 0 without a write. ERR_SAFETY_REGRESS: refused,
 * nothing changed. ERR_IO, ERR_DISK_FULL: stop the node. */
int signer_persist(struct signer *signer, const struct safety_record *record);
/* Effect SEND: fills in the signature. ERR_SAFETY_REGRESS if these bytes are not in the synced
 * record. */
int signer_sign(const struct signer *signer, struct message *message);

/* Whether the record accounts for this message, which somebody says is ours: a position that was
 * passed or is held, or the very bytes of the present one. If not, and its signature is ours, the
 * record is older than what this key has signed. The signature is not looked at here. */
bool signer_accounts_for(const struct signer *signer, const struct message *message);
/* From now on nothing is signed at this height or below it; a hold that goes further stays. Errors
 * of safety_save. */
int signer_hold(struct signer *signer, uint64_t height, enum hold_reason reason);
/* There are others now, and they have answered: HOLD_ALONE becomes HOLD_NEW_RECORD up to this
 * height. Nothing without such a hold. Errors of safety_save. */
int signer_end_alone(struct signer *signer, uint64_t height);
/* Ends a hold by decision of the key's owner, at `heard`: a height with the last round in which
 * this key is known to have signed, its messages of that round with their signatures (verified by
 * the caller), and its lock. That becomes the record, merged with what the record knows of the
 * height: later rounds and locks win. ERR_SAFETY_REGRESS for an earlier height; errors of
 * safety_save. */
int signer_resume(struct signer *signer, const struct safety_record *heard);

#endif
