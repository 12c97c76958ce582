/**
 * Where everything is in the matrix: from the server's answer, which only knows the
 * cells that have a rule, to rows and columns.
 */

function getCellKey(cell) {
    return [cell.event, cell.tier_id || 0, cell.role, cell.channel].join("|");
}

/**
 * @param {Object} matrix as `get_notification_matrix` returns it
 * @param {Object[]} extraRows `{event, tier_id}` of rows to show without a rule
 * @returns {Object} `{rows, columns}`; a row has a cell for each of the columns
 */
export function getLayout(matrix, extraRows) {
    const rules = new Map(matrix.cells.map((cell) => [getCellKey(cell), cell]));
    const columns = matrix.roles.flatMap((role) =>
        matrix.channels.map((channel, index) => ({
            key: `${role.key}|${channel.key}`,
            role,
            channel,
            isFirst: index === 0,
        }))
    );
    const rows = matrix.events.flatMap((event) => {
        const shown = [...matrix.cells, ...extraRows]
            .filter((row) => row.event === event.key)
            .map((row) => row.tier_id);
        const tiers = [false, ...matrix.tiers.map((tier) => tier.key)]
            .filter((tierId) => shown.includes(tierId))
            .map((tierId) => matrix.tiers.find((tier) => tier.key === tierId));
        // an event without rules has one row all the same, to start from
        return (tiers.length ? tiers : [undefined]).map((tier, index, all) => ({
            key: `${event.key}|${tier?.key ?? 0}`,
            event,
            tier,
            index,
            size: all.length,
        }));
    });
    for (const row of rows) {
        row.cells = columns.map((column) => {
            const place = {
                event: row.event.key,
                tier_id: row.tier?.key ?? false,
                role: column.role.key,
                channel: column.channel.key,
            };
            return {place, column, rule: rules.get(getCellKey(place))};
        });
        const spans = new Set(
            row.cells.filter((cell) => cell.rule).map((cell) => cell.rule.span)
        );
        row.span = spans.size === 1 ? [...spans][0] : "";
        row.hasOwnSpans = spans.size > 1;
    }
    return {rows, columns};
}

/**
 * @param {Object} matrix
 * @param {Object} place fields of a row or column, such as `{role: "team"}`
 * @returns {Object[]} the rules that are there
 */
export function getRules(matrix, place) {
    return matrix.cells.filter((cell) =>
        Object.entries(place).every(([field, value]) => cell[field] === value)
    );
}
