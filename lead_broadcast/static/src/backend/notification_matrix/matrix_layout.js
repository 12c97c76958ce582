/**
 * Where everything is in the matrix: from the server's answer, which only knows the
 * cells that have a rule, to rows and columns.
 */

/** Rows above the cells: roles, then channels. Columns before them: events, tiers. */
export const ROLE_ROW = -2;
export const CHANNEL_ROW = -1;
export const EVENT_COLUMN = -2;
export const TIER_COLUMN = -1;

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
 * The place that has the focus for any place of the grid: headers of events and
 * roles span several rows and columns.
 */
export function getAnchor({rows, columns}, {row, column}) {
    if (column === EVENT_COLUMN && row >= 0) {
        return {row: row - rows[row].index, column};
    }
    if (row === ROLE_ROW && column >= 0) {
        const {role} = columns[column];
        return {row, column: columns.findIndex((other) => other.role === role)};
    }
    return {row, column};
}

function isInside({rows, columns}, {row, column}) {
    const isCorner = row < 0 && column < 0;
    return (
        !isCorner &&
        row >= ROLE_ROW &&
        row < rows.length &&
        column >= EVENT_COLUMN &&
        column < columns.length
    );
}

/**
 * @param {Object} layout
 * @param {Object} place where one is
 * @param {Number} rowStep
 * @param {Number} columnStep
 * @returns {Object} the next place in that direction, or the same at the edge
 */
export function getNext(layout, place, rowStep, columnStep) {
    const {row, column} = place;
    let next = {row: row + rowStep, column: column + columnStep};
    while (isInside(layout, next)) {
        const anchor = getAnchor(layout, next);
        if (anchor.row !== row || anchor.column !== column) {
            return anchor;
        }
        next = {row: next.row + rowStep, column: next.column + columnStep};
    }
    return place;
}
