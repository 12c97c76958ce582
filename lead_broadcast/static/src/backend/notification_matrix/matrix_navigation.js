import {localization} from "@web/core/l10n/localization";

/** Where keys lead to in the matrix, whose headers can be reached like its cells. */

// Rows above the cells: roles, then channels. Columns before them: events, tiers.
export const ROLE_ROW = -2;
export const CHANNEL_ROW = -1;
export const EVENT_COLUMN = -2;
export const TIER_COLUMN = -1;

/**
 * The place that has the focus for any place of the grid: headers of events and
 * roles span several rows and columns.
 */
function getAnchor({rows, columns}, {row, column}) {
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
function getNext(layout, place, rowStep, columnStep) {
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

/**
 * @param {Object} layout
 * @param {Object} place where one is
 * @param {String} hotkey
 * @returns {Object|null} where the key leads to, if it is one that moves
 */
export function getTarget(layout, place, hotkey) {
    const forward = localization.direction === "rtl" ? -1 : 1;
    const lastRow = layout.rows.length - 1;
    const lastColumn = layout.columns.length - 1;
    switch (hotkey) {
        case "arrowup":
            return getNext(layout, place, -1, 0);
        case "arrowdown":
            return getNext(layout, place, 1, 0);
        case "arrowleft":
            return getNext(layout, place, 0, -forward);
        case "arrowright":
            return getNext(layout, place, 0, forward);
        case "home":
            return getAnchor(layout, {row: place.row, column: 0});
        case "end":
            return getAnchor(layout, {row: place.row, column: lastColumn});
        case "control+home":
            return {row: 0, column: 0};
        case "control+end":
            return {row: lastRow, column: lastColumn};
    }
    return null;
}
