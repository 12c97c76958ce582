import {registry} from "@web/core/registry";
import {rpc} from "@web/core/network/rpc";

const SELECTED = "tr.o_data_row:has(.o_list_record_selector input:checked)";
const row = (title) => `.o_list_view tr.o_data_row:contains('${title}')`;

function call(model, method, args, kwargs = {}) {
    return rpc(`/web/dataset/call_kw/${model}/${method}`, {
        model,
        method,
        args,
        kwargs,
    });
}

async function findLead(name) {
    const [leadId] = await call("crm.lead", "search", [[["name", "=", name]]]);
    return leadId;
}

/** A partner says on the phone that it takes the lead. */
async function accept(name) {
    const domain = [
        ["lead_id.name", "=", name],
        ["partner_id.name", "=like", "Green Park%"],
    ];
    const offerIds = await call("lead.broadcast.offer", "search", [domain]);
    await call("lead.broadcast.offer", "action_operator_accept", [offerIds]);
}

/** Somebody else starts to search for another lead. */
async function broadcast(name) {
    const values = {lead_ids: [[6, 0, [await findLead(name)]]]};
    const wizardIds = await call("lead.broadcast.wizard", "create", [[values]]);
    await call("lead.broadcast.wizard", "action_send", [wizardIds]);
}

/** What the person at the desk is at must be the very same as before. */
let held = null;

function hold() {
    held = document.activeElement.closest("tr");
    if (!held?.textContent.includes("Middle")) {
        throw new Error("The focus is elsewhere");
    }
}

function checkHeld() {
    if (document.activeElement.closest("tr") !== held) {
        throw new Error("The focus has moved");
    }
}

registry.category("web_tour.tours").add("lead_broadcast_desk", {
    steps: () => [
        {
            content: "The lead that has been searching the longest comes first",
            trigger:
                ".o_list_view tbody tr:first-child:contains('Oldest'):contains('too long')",
        },
        {
            trigger: `${row("Newest")}:not(:contains('too long')):contains('Nearest partners')`,
        },
        {
            content: "Go down to the second lead and select it, by the keyboard",
            trigger: ".o_searchview_input:focus",
            run: "press ArrowDown && press ArrowDown && press ArrowDown",
        },
        {
            trigger: `${row("Middle")}:has(:focus)`,
            run: "press Space",
        },
        {
            trigger: `${SELECTED}:contains('Middle')`,
            run: async () => {
                hold();
                await accept("Oldest");
                await broadcast("Latecomer");
            },
        },
        {
            content: "Who has a partner leaves the desk, who searches comes: at once",
            trigger: `.o_list_view:not(:has(tr:contains('Oldest'))) tr.o_lead_broadcast_news:contains('Latecomer')`,
        },
        {
            content: "The selection and the focus are where they were",
            trigger: ".o_selection_box:contains('1 selected')",
            run: checkHeld,
        },
        {
            content: "Buttons have keys; what was done and what not is said",
            trigger: ".o_selection_container button[name=action_resend]",
            run: "press Alt+R",
        },
        {
            trigger:
                ".o_notification:contains('Middle: Its partners were told a few minutes ago.')",
        },
        {
            content: "The rows are the same after that, too",
            trigger: `${SELECTED}:contains('Middle')`,
            run: () => {
                if (!held.isConnected) {
                    throw new Error("The row was made anew");
                }
            },
        },
        {
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "The same leads, by the kind of step",
            trigger:
                ".o_kanban_group:contains('Nearest partners') .o_kanban_record:contains('Middle')",
            run: () => accept("Middle"),
        },
        {
            trigger:
                ".o_kanban_view:not(:has(.o_kanban_record:contains('Middle'))):has(.o_kanban_record:contains('Newest'))",
        },
    ],
});
