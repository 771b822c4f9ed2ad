/* A ledger that a scenario plays on: the real execution on a store in memory, five agencies, and
 * blocks at the times that the scenario gives. Every transaction takes the whole way: signed,
 * parsed, verified, checked, put into a block, executed, committed with a certificate.
 *
 * While nothing happens the chain makes a block every PLAY_STEP_MS, so that no outage is seen. */
#ifndef DIRCHAIN_TESTS_SCENARIO_PLAY_H
#define DIRCHAIN_TESTS_SCENARIO_PLAY_H

#include "base/bytes.h"
#include "base/doc.h"
#include "base/faults.h"

#define PLAY_STEP_MS (INT64_C(3) * 3600 * 1000)
#define PLAY_OUTAGE_MS (INT64_C(6) * 3600 * 1000)

struct play;

/* By the name of a profile of samples/profiles, or the path of another, from the root of the
 * sources or from /. */
struct play *play_open(const char *profile, int64_t start_ms);
void play_close(struct play **play);

int64_t play_now_ms(const struct play *play);
uint64_t play_height(const struct play *play);
/* Blocks up to this time, the last one at it. */
void play_until(struct play *play, int64_t time_ms);
/* No block until this one. */
void play_standstill(struct play *play, int64_t until_ms);

/* A transaction of "<member>/<key>" in a block of its own, a second after the last; its id into
 * txid (65 bytes). 0, or the error with its faults; nothing is changed then. */
int play_submit(struct play *play, char *txid, struct faults *faults, const char *kid,
                const char *type, const struct doc *body);

/* A record of the newest state; NULL if there is none. Caller owns it. */
struct doc *play_record(struct play *play, const char *key);
/* The acts since the last call of play_until or play_submit began, in order. */
const struct doc *play_acts(const struct play *play);
/* For bodies; text holds PLAY_TEXT_BYTES. The public key of "<member>/<key>", its proof that it is
 * held, and the join request of a newcomer as the city's platform (caller owns it). */
#define PLAY_TEXT_BYTES 100
void play_public(char *text, const char *kid);
void play_proof(const struct play *play, char *text, const char *kid);
struct doc *play_join(const char *member);
/* 统一社会信用代码 of a seat: 中心, 甲, 乙, 丙, 主管, 新 (not in the genesis); NULL for another
 * word. */
const char *play_seat(const char *word);

#endif
