/* Every bound of the system in one place. A queue, loop or buffer that input can grow names its
 * bound here. Those of the chain format bind every implementation; docs/spec names them where they
 * count. */
#ifndef DIRCHAIN_BASE_LIMITS_H
#define DIRCHAIN_BASE_LIMITS_H

#include <assert.h>
#include <stdint.h>

/* ---- documents (chain format: changing one is a fork) ---- */
#define DOC_DEPTH_MAX 16
#define DOC_BUILT_DEPTH_MAX 64 /* of what we build around parsed documents, e.g. API answers */
#define DOC_INT_MAX INT64_C(9007199254740991) /* 2^53 - 1 */
#define TX_PAYLOAD_BYTES_MAX (256 * 1024)
#define TX_BYTES_MAX (352 * 1024) /* base64url of the payload, header and signature */
#define TX_HEADER_BYTES_MAX 512   /* the compact form takes at most 101 */
#define NONCE_CHARS_MIN 8
#define NONCE_CHARS_MAX 64

/* ---- identities ---- */
#define MEMBER_ID_CHARS 18 /* 统一社会信用代码 */
#define KEY_NAME_CHARS_MAX 32
#define MEMBERS_MAX 4096
#define VALIDATORS_MAX 128
#define OFFICER_KEYS_MAX 8
#define KEYS_PER_MEMBER_MAX 256 /* in force: retired ones do not count */

/* ---- calendar and terms (chain format) ---- */
#define CALENDAR_YEAR_MIN 1970
#define CALENDAR_YEAR_MAX 9998
#define CALENDAR_DAYS_MAX 128        /* days named by the notice of one year: about 40 */
#define TERM_WORKING_DAYS_MAX 1000   /* of one term */
#define TERM_CALENDAR_DAYS_MAX 10000 /* calendar days such a term can span */
#define TERM_DAYS_MAX 3660           /* of one term in days of the calendar */
#define TERM_MONTHS_MAX 120
#define TERM_YEARS_MAX 10

/* ---- blocks ---- */
#define BLOCK_BYTES_MAX (8 * 1024 * 1024)
#define BLOCK_TXS_MAX 4096
#define BLOCK_EVIDENCE_MAX 16
#define BLOCK_DUE_COST_MAX 30000 /* declared costs of the terms that one block's sweep settles */
#define BLOCK_COST_MAX 200000    /* sum of the declared costs of its transactions */
#define EVIDENCE_AGE_HEIGHTS_MAX 100000
#define ROTATION_HEIGHTS_MIN 32 /* between changes of one vote key */

/* ---- consensus ---- */
#define ROUND_MAX 100000      /* a message for a later round is refused */
#define ROUNDS_TRACKED_MAX 64 /* votes are kept for that many rounds of a height */
#define EFFECTS_MAX 64        /* effects of one step */
/* Votes and proposals of one peer in a second, for each validator. An honest one repeats at most
 * four votes of each in some dozen rounds, at most eight times a second. */
#define CONSENSUS_MESSAGES_MAX 512

/* ---- state ---- */
#define STATE_KEY_BYTES_MAX 256
#define STATE_VALUE_BYTES_MAX (512 * 1024)
/* What a transaction may leave of a record: the ledger's own acts on it (a term that is over, a
 * hold, a grant by silence) always have room, or no block could be made any more. */
#define STATE_VALUE_TX_BYTES_MAX (STATE_VALUE_BYTES_MAX - 64 * 1024)
/* What an answer or a ruling to a request says: a grant holds what both say, and there is room
 * beside for all that is noted on it, also where the ledger makes it of them (approvals.c). */
#define TERMS_BYTES_MAX (128 * 1024)
/* What a fusion asks for, and what one review of a part says: no agency's words leave no room for
 * those of the others, nor for the center's 50 reasons (PT 22). */
#define FUSION_ASKED_BYTES_MAX (128 * 1024)
#define FUSION_PARTS_MAX 16
#define FUSION_REVIEW_BYTES_MAX (8 * 1024)
#define REASONS_BYTES_MAX (128 * 1024)
#define LOG_SIZE_MAX (UINT64_C(1) << 62) /* leaves; so a proof fits LOG_PROOF_HASHES_MAX */
#define LOG_PROOF_HASHES_MAX 64
#define STATE_PROOF_HASHES_MAX 256
#define STATE_CACHE_BYTES_MAX (64 * 1024 * 1024) /* parsed documents kept for execution */
#define EXECUTIONS_MAX 8                         /* executed blocks kept until one is decided */

/* ---- faults told at once ---- */
#define FAULTS_MAX 32
#define FAULT_FIELD_BYTES_MAX 160 /* room for a sentence in both languages */
#define FAULT_CLAUSE_BYTES_MAX 160
#define FAULT_WORDS_BYTES_MAX 160 /* of what would have been allowed: a few words or members */

/* ---- peers and mempool ---- */
#define PEER_FRAME_BYTES_MAX (BLOCK_BYTES_MAX + 1024 * 1024)
#define PEER_QUEUE_BYTES_MAX (32 * 1024 * 1024)
#define PEER_QUEUE_DROP_BYTES (8 * 1024 * 1024) /* beyond this gossip is left out */
#define PEER_BLAME_MAX 100                      /* points at which a peer is cut off */
/* Heights and offers that one peer tells in a second: more are dropped unread; and who tells so
 * many is blamed. An honest one tells its height with each block and once a second besides; what
 * came while this node stood still is read at once. */
#define PEER_TELLS_MAX 64
#define PEER_TELLS_BLAMED 1024
#define PEER_PENDING_MAX 64  /* incoming connections that are not up yet */
#define PEER_UNGREETED_MAX 2 /* of these with one member's key, whose greeting has not come */
#define MEMPOOL_TXS_MAX 50000
#define MEMPOOL_BYTES_MAX (64 * 1024 * 1024)
#define MEMPOOL_MEMBER_TXS_MAX 25000 /* of one member */
#define MEMPOOL_MEMBER_BYTES_MAX (32 * 1024 * 1024)
#define MEMPOOL_WAITERS_MAX 64 /* of one transaction */
#define EVIDENCE_POOL_MAX 256
#define EVIDENCE_POOL_VALIDATOR_MAX 4 /* of one validator */
#define SYNC_WINDOW 64                /* heights fetched ahead of the tip */
#define SYNC_WINDOW_BYTES (32 * 1024 * 1024)
#define VERIFIER_QUEUE_MAX 50000
#define VERIFIER_QUEUE_BYTES_MAX (64 * 1024 * 1024)
#define VERIFIER_KEYS_MAX 8192
/* Gossip in the verifier's queue: of one peer, and of all; the rest is for submissions. */
#define GOSSIP_PEER_TXS_MAX (VERIFIER_QUEUE_MAX / 2)
#define GOSSIP_PEER_BYTES_MAX (VERIFIER_QUEUE_BYTES_MAX / 2)
#define GOSSIP_TXS_MAX (VERIFIER_QUEUE_MAX / 4 * 3)
#define GOSSIP_BYTES_MAX (VERIFIER_QUEUE_BYTES_MAX / 4 * 3)

#define NODE_INBOX_MAX 16384 /* submissions on their way from the API's threads */

/* ---- snapshots and history ---- */
#define SNAPSHOTS_OFFERED_MAX 2 /* of one node */
#define SNAPSHOT_PART_BYTES_MAX (8 * 1024 * 1024)
#define SNAPSHOT_PART_BYTES_GOAL (256 * 1024) /* a part is no larger if it can be divided */
#define SNAPSHOT_WINDOW_HEADERS_MAX (1 << 20) /* blocks within tx_lifetime */
#define RESTORE_ASKED_MAX 16                  /* parts on their way at once */
/* How often one peer may divide a part of the state: so often, and once more for each of these
 * bytes that came. Who divides only what is too large for a part stays far below it. */
#define RESTORE_DIVIDED_MAX 64
#define RESTORE_DIVIDED_BYTES (16 * 1024)
#define HISTORY_BLOCKS_MIN 32  /* kept at least, where not all are */
#define SNAPSHOT_BLOCKS_MIN 10 /* between two snapshots */
#define SNAPSHOT_BLOCKS_DEFAULT 2000

/* ---- configuration of a node ---- */
#define CONFIG_PEERS_MAX MEMBERS_MAX
#define CONFIG_SIGNERS_MAX 64
#define CONFIG_SIGNER_NAME_CHARS_MAX 63
#define CONFIG_RESOURCES_MAX 4096
#define CONFIG_WORKERS_MAX 64

/* ---- HTTP ---- */
#define HTTP_BODY_BYTES_MAX TX_BYTES_MAX
#define HTTP_PAGE_ITEMS_MAX 200
#define HTTP_HEADERS_ITEMS_MAX 500           /* certified headers in one answer */
#define HTTP_HEADERS_BYTES (2 * 1024 * 1024) /* and no further one beyond so many bytes */
#define HTTP_HISTORY_BYTES (1024 * 1024)     /* of what transactions say, the same of a page */
#define HTTP_CONNECTIONS_MAX 1024
#define HTTP_CONNECTIONS_PER_IP_MAX 64
#define HTTP_THREADS_MAX 64
#define HTTP_DESCRIPTORS_MAX 65536     /* a connection with a higher one is refused */
#define HTTP_HEAD_BYTES_MAX (8 * 1024) /* request line and headers */
#define HTTP_HEADERS_MAX 64
#define HTTP_METHOD_CHARS_MAX 16
#define HTTP_TARGET_BYTES_MAX 4096 /* path and query as sent */
#define HTTP_PATH_BYTES_MAX 1024
#define HTTP_PATH_PARTS_MAX 4
#define HTTP_QUERY_PARAMETERS_MAX 16
#define HTTP_ANSWER_HEADERS_MAX 8
#define INDEX_WAITERS_MAX 64
#define INDEX_WAIT_MS 1000     /* that a list waits for the read model to reach the tip */
#define READ_STEPS_MAX 5000000 /* of the database's machine, for one query: about half a second */
#define SEARCH_PARTS_MAX 16    /* of a query */
#define SEARCH_OFFSET_MAX 1000
#define EVENTS_LISTENERS_MAX 64
#define EVENTS_BLOCKS_KEPT 64    /* in memory, for those who listen */
#define EVENTS_TXS_KEPT 8192     /* and no more blocks than have so many transactions together */
#define EVENTS_BEHIND_MAX 100000 /* heights: a listener further behind is told what it misses */

/* ---- exchange between gateways ---- */
#define TRANSFER_CHUNK_BYTES_MIN 1024
#define TRANSFER_CHUNK_BYTES_MAX (4 * 1024 * 1024)
#define TRANSFER_CHUNK_BYTES_DEFAULT (256 * 1024)
#define TRANSFER_CHUNKS_MAX 65536
#define MANIFEST_BYTES_MAX (TRANSFER_CHUNKS_MAX * 64 + 4096)
#define COURIER_LETTERS_MAX 4096 /* transactions of the gateway on their way to the ledger */
#define DELIVERIES_MAX 256 /* opens that a provider serves at a time, and one of each consumer */
#define DELIVERIES_MEMBER_MAX 32 /* of them for one consumer */
#define DELIVERIES_GRANT_MAX 16  /* and for one grant */
#define DELIVERIES_LIST_MAX (DELIVERIES_MAX + MEMBERS_MAX)
#define TRANSFERS_MAX 256         /* at work for local callers, and one from each provider */
#define TRANSFERS_PROVIDER_MAX 48 /* of them from one provider */
#define TRANSFERS_LIST_MAX (TRANSFERS_MAX + MEMBERS_MAX)
#define TRANSFERS_KEPT_MAX 8192 /* with those that are over */
#define CSV_RECORD_BYTES_MAX (1024 * 1024)
#define CSV_COLUMNS_MAX 1024

/* ---- spreadsheets ---- */
#define SHEET_FILE_BYTES_MAX (64 * 1024 * 1024)
#define SHEET_PARTS_MAX 1024                         /* entries of an .xlsx archive */
#define SHEET_INFLATED_BYTES_MAX (256 * 1024 * 1024) /* of all its parts that are read */
#define SHEET_XML_DEPTH_MAX 64
#define SHEET_XML_TOKEN_BYTES_MAX (1024 * 1024)
#define SHEET_STRINGS_MAX 1000000
#define SHEET_FORMATS_MAX 65536       /* of cells */
#define SHEET_NUMBER_FORMATS_MAX 1024 /* of the file's own */
#define SHEET_MERGES_MAX 65536
#define SHEETS_MAX 64
#define SHEET_ROWS_MAX 100000 /* of one sheet */
#define SHEET_COLUMNS_MAX 256
#define SHEET_CELLS_MAX 4000000                  /* of all sheets */
#define SHEET_CELL_BYTES_MAX (128 * 1024)        /* 32,767 characters, as programs allow */
#define SHEET_TEXT_BYTES_MAX (128 * 1024 * 1024) /* of all cells */

/* ---- keys, files, log ---- */
#define PARSED_KEYS_MAX 2048 /* parsed public keys cached by each thread */
#define KEYFILE_BYTES_MAX 4096
#define KEYFILE_OPS_MAX 16               /* argon2id passes that a key file may ask for */
#define KEYFILE_MEM_KIB_MAX (512 * 1024) /* and memory */
#define PASSPHRASE_CHARS_MIN 8
#define PASSPHRASE_BYTES_MAX 1024
#define LOG_LINE_BYTES_MAX 4096 /* PIPE_BUF: a line goes out whole */

static_assert(DOC_BUILT_DEPTH_MAX > 2 * DOC_DEPTH_MAX, "parsed documents can be wrapped");
static_assert(TX_BYTES_MAX > (TX_PAYLOAD_BYTES_MAX / 3 + 1) * 4, "a full payload fits");
static_assert(BLOCK_BYTES_MAX >= 2 * TX_BYTES_MAX, "a block holds the largest transaction");
static_assert(EVIDENCE_POOL_MAX >= VALIDATORS_MAX / 3 * EVIDENCE_POOL_VALIDATOR_MAX,
              "the pool holds evidence against as many validators as can be faulty");
static_assert(FUSION_ASKED_BYTES_MAX + FUSION_PARTS_MAX * FUSION_REVIEW_BYTES_MAX +
                      REASONS_BYTES_MAX + 64 * 1024 <=
                  STATE_VALUE_TX_BYTES_MAX,
              "whatever is said of a fusion, the rest finds room in its record");
static_assert(TRANSFERS_KEPT_MAX > TRANSFERS_LIST_MAX, "some that are over are kept");
static_assert(SNAPSHOT_PART_BYTES_MAX + 1024 <= PEER_FRAME_BYTES_MAX, "a part fits a frame");
static_assert(SNAPSHOT_PART_BYTES_GOAL + STATE_VALUE_BYTES_MAX + STATE_KEY_BYTES_MAX + 64 <
                  SNAPSHOT_PART_BYTES_MAX,
              "a leaf of any size fits a part");
static_assert(SHEET_XML_TOKEN_BYTES_MAX > SHEET_CELL_BYTES_MAX, "a cell's text may be one token");
static_assert(VALIDATORS_MAX <= UINT16_MAX, "validator counts are 16 bits on the wire");

static_assert(TERM_CALENDAR_DAYS_MAX >= TERM_WORKING_DAYS_MAX * 366 / (261 - CALENDAR_DAYS_MAX),
              "the longest term fits a calendar with as many days off as may be named");

/* Rows that one access moves by the authorisation of whom they are about (PT 19). */
#define AUTHORISED_ROWS_MAX 100
#define SCENARIO_CASES_COMMON 4 /* of PT 19 */
#define SCENARIO_CASES_MAX 20 /* with those that a policy profile has beside them */
#define NEED_ENTRIES_MAX 8 /* that answer one need (PT 22) */

#endif
