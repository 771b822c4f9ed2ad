/* dirchain validator: who votes.
 *
 * The ledger refuses changes that leave no quorum of those who propose blocks (chain/rules/
 * validators_awake.c); it cannot know who went down minutes ago, or whether a newcomer runs at all.
 * The node that is asked can: before anything is signed, each validator that stays must be linked
 * and level there and have voted or proposed in the last blocks, and each newcomer be linked and
 * level and say that it holds its vote key. What one node sees is no proof, so
 * --force goes past it; the ledger's own rule stands. What no look can mend, a code that is wrong
 * or no member's, is told before one is taken. */
#include "node/cli/cli.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "chain/validators.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_proof.h"
#include "node/cli/cli_submit.h"
#include "node/cli/cli_validator.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define LEVEL_HEIGHTS 5 /* behind the node that is asked, still level */
#define LOOKS_MAX 6     /* half a second apart, before it is refused */
#define BLOCKS_MIN 8
#define BLOCKS_MAX 32

static const struct cli_act act_validators = {.type = "validator.change", .shows = "validators"};

void cli_look_free(struct cli_look *look)
{
    doc_free(&look->status);
    doc_free(&look->validators);
    doc_free(&look->took_part);
}

static const struct doc *seats_of(const struct cli_look *look)
{
    const struct doc *sets = doc_get(look->validators, "sets");
    return doc_count(sets) == 0 ? NULL : doc_get(doc_at(sets, doc_count(sets) - 1), "set");
}

static void add_once(struct doc *list, const char *member)
{
    if (member != NULL && !doc_has_text(list, member)) {
        doc_push_text(list, member);
    }
}

static int read_blocks(struct cli_look *look, struct cli_node *node)
{
    int64_t tip = doc_int(cli_doc_at(look->status, "tip.height"), 0);
    int64_t count = 2 * (int64_t)doc_count(seats_of(look));
    count = count < BLOCKS_MIN ? BLOCKS_MIN : count > BLOCKS_MAX ? BLOCKS_MAX : count;
    look->took_part = doc_new_array();
    for (int64_t height = tip; height > 0 && height > tip - count; height--) {
        AUTO(doc_free) struct doc *block = NULL;
        AUTO(buf_free) struct buf path = {0};
        buf_append_format(&path, "/v1/blocks/%" PRId64, height);
        int status = cli_node_get(node, &block, buf_text(&path));
        if (status != 0) {
            return status;
        }
        const struct doc *signers = cli_doc_at(block, "certificate.signers");
        add_once(look->took_part, doc_get_text(block, "proposer"));
        for (size_t i = 0; i < doc_count(signers); i++) {
            add_once(look->took_part, doc_text(doc_at(signers, i)));
        }
    }
    return 0;
}

int cli_look_at(struct cli_look *look, struct cli_node *node)
{
    int status = cli_node_get(node, &look->status, "/v1/status");
    status = status != 0 ? status : cli_node_state(node, &look->validators, "validators");
    return status != 0 ? status : read_blocks(look, node);
}

bool cli_look_is_level(const struct cli_look *look, const char *member)
{
    const struct doc *peers = cli_doc_at(look->status, "node.peers");
    /* The node's own height of the same moment: the tip has gone on since, fast under load. */
    int64_t tip = doc_int(cli_doc_at(look->status, "node.height"), 0);
    if (doc_text_is(look->status, "member", member)) {
        return true;
    }
    for (size_t i = 0; i < doc_count(peers); i++) {
        const struct doc *peer = doc_at(peers, i);
        if (doc_text_is(peer, "member", member)) {
            return doc_get_bool(peer, "up", false) &&
                   doc_get_int(peer, "height", 0) + LEVEL_HEIGHTS >= tip;
        }
    }
    return false;
}

/* The key that the ledger has for the member: the asked node lists those that it holds, of others
 * it has heard whether they do. */
static int holds_key(bool *out, const struct cli_look *look, struct cli_node *node,
                     const char *member)
{
    AUTO(doc_free) struct doc *record = NULL;
    AUTO(buf_free) struct buf key = {0};
    const struct doc *peers = cli_doc_at(look->status, "node.peers");
    *out = false;
    if (!doc_text_is(look->status, "member", member)) {
        for (size_t i = 0; i < doc_count(peers); i++) {
            const struct doc *peer = doc_at(peers, i);
            *out = *out || (doc_text_is(peer, "member", member) &&
                            doc_get_bool(peer, "holds_vote_key", false));
        }
        return 0;
    }
    buf_append_format(&key, "member/%s", member);
    int status = cli_node_state(node, &record, buf_text(&key));
    const char *vote_key = doc_get_text(record, "vote_key");
    *out = vote_key != NULL &&
           doc_has_text(cli_doc_at(look->status, "node.consensus.vote_keys"), vote_key);
    return status;
}

/* Whom the ledger does not know no node can be linked to. */
static int check_members(struct cli *cli, struct cli_node *node, const struct doc *add)
{
    struct faults faults = {0};
    for (size_t i = 0; i < doc_count(add); i++) {
        AUTO(doc_free) struct doc *record = NULL;
        AUTO(buf_free) struct buf key = {0};
        const char *member = doc_text(doc_at(add, i));
        buf_append_format(&key, "member/%s", member);
        int status = cli_node_state(node, &record, buf_text(&key));
        if (status != 0) {
            return status;
        }
        if (record == NULL) {
            (void)faults_add(&faults, ERR_SUBJECT, NULL, "%s 非成员单位 is no member", member);
        }
    }
    return faults.count == 0
               ? 0
               : cli_refuse(
                     cli, &faults,
                     "验证者须为成员单位，请先接纳入网 A validator must be a member: admit it "
                     "first (member admit).");
}

/* A newcomer that cannot vote is a seat lost from its first height on. Observers are linked to
 * validators only: one that is asked cannot tell. */
static int judge_newcomers(struct faults *faults, const struct cli_look *look,
                           struct cli_node *node, const struct doc *body)
{
    const struct doc *add = doc_get(body, "add");
    bool sees = doc_bool(cli_doc_at(look->status, "node.consensus.validator"), false);
    for (size_t i = 0; i < doc_count(add); i++) {
        const char *member = doc_text(doc_at(add, i));
        bool holds = false;
        if (!cli_look_is_level(look, member)) {
            (void)faults_add(faults, ERR_QUORUM_LOST, NULL,
                             "%.18s 未与此节点连通或落后 is not linked and level%s", member,
                             sees ? "" : "；请改问验证节点 ask a validator's node (--node)");
            continue;
        }
        int status = holds_key(&holds, look, node, member);
        if (status != 0) {
            return status;
        }
        if (!holds) {
            (void)faults_add(faults, ERR_VOTE_KEY_ABSENT, NULL,
                             "%.18s 的节点未持有其投票密钥 its node does not hold its vote key",
                             member);
        }
    }
    return 0;
}

static void judge_staying(struct faults *faults, const struct cli_look *look,
                          const struct doc *body)
{
    const struct doc *seats = seats_of(look), *remove = doc_get(body, "remove");
    size_t added = doc_count(doc_get(body, "add")), staying = 0, awake = 0;
    struct faults silent = {0};
    for (size_t i = 0; i < doc_count(seats); i++) {
        const char *member = doc_get_text(doc_at(seats, i), "member");
        if (member == NULL || doc_has_text(remove, member)) {
            continue;
        }
        bool here = cli_look_is_level(look, member) && doc_has_text(look->took_part, member);
        staying++;
        awake += here;
        if (!here) {
            (void)faults_add(&silent, ERR_QUORUM_LOST, NULL,
                             "%.18s 目前未参与 takes no part at present", member);
        }
    }
    size_t after = staying + added;
    size_t counted = awake + (after <= 3 ? added : 0); /* as the ledger's rule has it */
    if (after == 0 || counted >= validators_quorum(after)) {
        return; /* none left: the ledger says so */
    }
    (void)faults_add(
        faults, ERR_QUORUM_LOST, NULL,
        "留任 %zu 席中 %zu 席参与，%zu 席须 %zu 席 %zu of %zu take part, a quorum of %zu is %zu",
        staying, awake, after, validators_quorum(after), awake, staying, after,
        validators_quorum(after));
    for (size_t i = 0; i < silent.count; i++) {
        (void)faults_add(faults, ERR_QUORUM_LOST, NULL, "%s", silent.item[i].field);
    }
}

int cli_validator_preflight(struct cli *cli, const struct doc *body)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    struct faults faults = {0};
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : check_members(cli, &node, doc_get(body, "add"));
    for (int i = 0; status == 0 && i < LOOKS_MAX; i++) {
        AUTO(cli_look_free) struct cli_look look = {0};
        if (i > 0) { /* a node that just started is linked within seconds */
            (void)nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
        }
        status = cli_look_at(&look, &node);
        faults = (struct faults){0};
        if (status == 0) {
            judge_staying(&faults, &look, body);
            status = judge_newcomers(&faults, &look, &node, body);
        }
        if (faults.count == 0) {
            break;
        }
    }
    if (status != 0) {
        return status;
    }
    return faults.count == 0
               ? 0
               : cli_refuse(
                     cli, &faults,
                     "此节点所见，变更后可能停链；确知无误可加 --force As this node sees it, "
                     "the chain could stop; --force if you know better.");
}

/* All that can be said of the words alone, at once. */
static int check_words(struct cli *cli, const struct doc *body)
{
    struct faults faults = {0};
    if (doc_get(body, "add") == NULL && doc_get(body, "remove") == NULL) {
        (void)faults_add(&faults, ERR_FIELD_MISSING, NULL,
                         "add、remove 未指明增减何人 nobody to add or remove is named");
    }
    (void)schema_check(schema_find(act_validators.type), body, &faults);
    return faults.count == 0 ? 0 : cli_act_refuse(cli, act_validators.type, &faults);
}

static int run_change(struct cli *cli)
{
    AUTO(doc_free) struct doc *body = NULL;
    int status = cli_act_body(cli, &body);
    status = status != 0 ? status : check_words(cli, body);
    if (status == 0 && !cli_options_flag(&cli->options, "force")) {
        status = cli_validator_preflight(cli, body);
    }
    return status != 0 ? status : cli_act_submit(cli, &act_validators, body);
}

static const struct cli_option options_change[] = {
    {"force", CLI_FLAG, false, NULL, "Without a look at who takes part now.",
     "不检查各节点当前是否在线参与。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};

const struct cli_command cli_validator_commands[] = {
    {.name = "change",
     .chinese = "增减验证者（中心）；将失去法定人数的变更予以拒绝并说明。",
     .english =
         "Add or remove validators (center); a change that would lose the quorum is refused.",
     .needs = CLI_WRITES,
     .options = options_change,
     .act = &act_validators,
     .run = run_change},
    {.name = "prove",
     .arguments = "NEW-KEY",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "在节点上由新投票密钥出具持有证明，供首席数据官更换投票密钥时使用。",
     .english = "On the node: have the new vote key sign that it is there, for the chief's "
                "validator rotate.",
     .needs = CLI_NEEDS_SUBMIT,
     .options = cli_options_prove,
     .run = cli_validator_prove_run},
    {.name = "rotate",
     .chinese = "更换本单位投票密钥，两个区块后生效（首席数据官密钥）。",
     .english = "Change the agency's own vote key; acts two blocks later (chief key).",
     .needs = CLI_WRITES,
     .options = cli_options_rotate,
     .act = &cli_act_rotate,
     .run = cli_validator_rotate_run},
    {.name = "status",
     .chinese = "列出验证者、其投票密钥与近期参与，待生效的变更，以及双重签名证据和席位处置。",
     .english = "Who votes, with which key, and takes part; the change to come; evidence of double "
                "votes.",
     .needs = CLI_NEEDS_NODE,
     .options = cli_options_status,
     .run = cli_validator_status_run},
    {.name = "resume",
     .chinese = "数据目录被还原、签名暂停的验证节点提前恢复签名（本单位首席数据官，记录上链）。",
     .english = "Let a node that holds its votes back, its disk having been put back, sign again "
                "(the member's chief; it goes on record).",
     .needs = CLI_WRITES,
     .options = cli_options_resume,
     .act = &cli_act_resume,
     .run = cli_validator_resume_run},
    {.name = NULL},
};
