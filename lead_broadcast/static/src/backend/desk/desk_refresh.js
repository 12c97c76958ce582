import {onMounted, onWillUnmount} from "@odoo/owl";
import {ConnectionLostError} from "@web/core/network/rpc";
import {browser} from "@web/core/browser/browser";
import {getTabableElements} from "@web/core/utils/ui";
import {useService} from "@web/core/utils/hooks";

const NOTIFICATION = "lead_broadcast.search_changed";
const GATHER = 300; // Changes often come in twos and threes
const PAUSE = 2000; // At most one reading within these milliseconds
const NET = 60000; // Searches grow too old without any change
const ROWS = ".o_data_row, .o_kanban_record:not(.o_kanban_ghost)";

const nextFrame = () =>
    new Promise((resolve) => browser.requestAnimationFrame(() => resolve()));

/**
 * Remember what has the focus: it is lost when its row moves in the page.
 *
 * @param {HTMLElement} root
 * @returns {Function} gives the focus back; to the row that is in its place, if the row
 *  is gone
 */
function holdFocus(root) {
    const focused = document.activeElement;
    const getRows = () => [...root.querySelectorAll(ROWS)];
    const row = focused?.closest(ROWS);
    const place = row ? getRows().indexOf(row) : -1;
    if (place < 0) {
        return () => null;
    }
    const column = [...row.children].findIndex((cell) => cell.contains(focused));
    return () => {
        const rows = getRows();
        if (document.activeElement !== document.body || !rows.length) {
            return; // Nothing is lost, or somebody has gone elsewhere meanwhile
        }
        if (focused.isConnected) {
            focused.focus({preventScroll: true});
            return;
        }
        const next = rows[Math.min(place, rows.length - 1)];
        const cell = next.matches("tr") ? next.children[column] : next;
        (getTabableElements(cell)[0] || cell).focus({preventScroll: true});
    };
}

/**
 * Read a desk again soon after anything that it may show has changed.
 *
 * @param {Object} model a DeskModel
 * @param {{el: HTMLElement}} rootRef
 */
export function useDeskRefresh(model, rootRef) {
    const bus = useService("bus_service");
    const state = {
        timer: null,
        isRunning: false,
        isStale: false,
        isGone: false,
        last: 0,
    };
    let net = null;

    async function refresh() {
        await model.whenReady;
        const restoreFocus = holdFocus(rootRef.el);
        await model.refresh();
        await nextFrame();
        await nextFrame();
        restoreFocus();
    }

    async function run() {
        Object.assign(state, {timer: null, isRunning: true, isStale: false});
        try {
            await refresh();
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            state.isStale = true;
        } finally {
            Object.assign(state, {isRunning: false, last: Date.now()});
        }
    }

    async function wait() {
        const delay = Math.max(GATHER, state.last + PAUSE - Date.now());
        await new Promise((resolve) => {
            state.timer = browser.setTimeout(resolve, delay);
        });
    }

    async function onChange() {
        state.isStale = true;
        if (state.timer || state.isRunning) {
            return; // It is seen to
        }
        while (state.isStale && !state.isGone && !document.hidden) {
            await wait();
            await run();
        }
    }

    function onVisibilityChange() {
        if (state.isStale) {
            onChange();
        }
    }

    onMounted(() => {
        bus.subscribe(NOTIFICATION, onChange);
        bus.addEventListener("BUS:RECONNECT", onChange);
        document.addEventListener("visibilitychange", onVisibilityChange);
        net = browser.setInterval(onChange, NET);
    });
    onWillUnmount(() => {
        state.isGone = true;
        bus.unsubscribe(NOTIFICATION, onChange);
        bus.removeEventListener("BUS:RECONNECT", onChange);
        document.removeEventListener("visibilitychange", onVisibilityChange);
        browser.clearInterval(net);
        browser.clearTimeout(state.timer);
    });
}
