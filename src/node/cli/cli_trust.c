/* What every audit starts from. */
#include "node/cli/cli_trust.h"

#include "genesis/genesis.h"

#include <stdlib.h>
#include <string.h>

#define HEIGHT_DIGITS_MAX 15

/* A height of at most 15 digits, as everywhere, fits any JSON reader. */
int cli_trust_checkpoint(struct cli *cli, struct pack_trust *trust)
{
    const char *text = cli_options_text(&cli->options, "checkpoint");
    if (text == NULL) {
        return 0;
    }
    size_t digits = strspn(text, "0123456789");
    uint64_t height = digits > 0 && digits <= HEIGHT_DIGITS_MAX ? strtoull(text, NULL, 10) : 0;
    if (height == 0 || text[digits] != ':' ||
        hash_from_hex(&trust->checkpoint_hash, text + digits + 1) != 0) {
        return cli_usage(cli,
                         "--checkpoint %s: 应为 高度:区块哈希 Not HEIGHT:HASH: a height from 1 on, "
                         "a colon, 64 lower-case hexadecimal digits.",
                         text);
    }
    trust->checkpoint_height = height;
    return 0;
}

int cli_trust_genesis(struct cli *cli, struct pack_trust *trust, struct doc **genesis)
{
    struct faults faults = {0};
    const char *path = cli_setting(cli, "genesis", "DIRCHAIN_GENESIS");
    if (path == NULL) {
        return cli_usage(cli, "请用 --genesis FILE 或环境变量 DIRCHAIN_GENESIS 指定所信任的创世文件 "
                              "Name the genesis document that you trust.");
    }
    if (genesis_load(genesis, &trust->genesis_hash, &faults, path) != 0) {
        return cli_refuse(cli, &faults, "%s: 创世文件不可信 Not a genesis to trust.", path);
    }
    trust->genesis = *genesis;
    return 0;
}
