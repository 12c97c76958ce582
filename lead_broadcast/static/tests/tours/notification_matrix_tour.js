import {registry} from "@web/core/registry";

const FOCUSED = ".o_lead_broadcast_matrix [role=gridcell][tabindex='0']:focus";

/** Press a key until the focus is on what is looked for. */
async function pressUntil(press, key, isThere) {
    for (let count = 0; count < 100 && !isThere(document.activeElement); count++) {
        await press(key);
        await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    if (!isThere(document.activeElement)) {
        throw new Error(
            `${key} does not lead there: ${document.activeElement.outerHTML}`
        );
    }
}

function isRowOf(label) {
    return (element) => element.getAttribute("aria-label")?.includes(label);
}

registry.category("web_tour.tours").add("lead_broadcast_notification_matrix", {
    steps: () => [
        {
            content: "The first cell has the focus; go down to the row of our tier",
            trigger: FOCUSED,
            run: ({press}) =>
                pressUntil(press, "ArrowDown", isRowOf("Lead allocated · AP")),
        },
        {
            content: "Go to the partner's admin's mails, and switch them off",
            trigger: `${FOCUSED}[aria-label*='Lead allocated · AP · Partner admin · In-app']`,
            run: "press ArrowRight",
        },
        {
            trigger: `${FOCUSED}[aria-label*='Partner admin · Email']:has(.o_repeated.o_digest:contains(2×))`,
            run: "press Space",
        },
        {
            trigger: `${FOCUSED}[aria-label*='Switched off']:has(.o_off)`,
            run: ({press}) =>
                pressUntil(press, "ArrowRight", isRowOf("Master partner · Email")),
        },
        {
            content: "Make a rule where there is none",
            trigger: `${FOCUSED}[aria-label*='Nothing is sent']`,
            run: "press Enter",
        },
        {
            content: "It behaves like the ones next to it",
            trigger:
                ".modal .o_form_view:contains('Email to the master partner, 2 times a day')",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "press Alt+C",
        },
        {
            content: "The focus is back where it was; go to the row's header",
            trigger: `body:not(.modal-open) ${FOCUSED}[aria-label*='Master partner · Email']:has(.o_repeated)`,
            run: "press Home && press ArrowLeft",
        },
        {
            trigger: "th.o_tier button:focus[aria-label='Lead allocated · AP']",
            run: "press Enter",
        },
        {
            trigger: ".o_lead_broadcast_matrix_menu .o-navigable:contains('Copy to')",
            run: "press ArrowDown",
        },
        {
            trigger:
                ".o_lead_broadcast_matrix_menu .o-navigable.focus:contains('Copy to')",
            run: "press Enter",
        },
        {
            content: "The next tier is proposed",
            trigger: ".modal select[name=tier_id]:contains('BP')",
        },
        {
            trigger: ".modal button[name=confirm]:contains('Copy 3 rules')",
            run: "press Alt+Q",
        },
        {
            trigger:
                "body:not(.modal-open) .o_lead_broadcast_matrix th.o_tier button[aria-label='Lead allocated · BP']",
        },
        {
            content: "One can go on from there",
            trigger: "th.o_tier button:focus[aria-label='Lead allocated · AP']",
            run: "press ArrowDown",
        },
        {
            content: "Add a row for a tier that no rule of the event is about",
            trigger: "th.o_tier button:focus[aria-label='Lead allocated · BP']",
            run: "press Control+Home && press ArrowLeft && press ArrowLeft",
        },
        {
            trigger: "th.o_event button:focus:contains('Lead offered')",
            run: "press Enter",
        },
        {
            trigger: ".o_lead_broadcast_matrix_menu .o-navigable:contains('Row for')",
            run: "press ArrowDown",
        },
        {
            trigger: ".o_lead_broadcast_matrix_menu .o-navigable.focus",
            run: "press Enter",
        },
        {
            trigger: `${FOCUSED}[aria-label*='Lead offered · TP · Partner admin · In-app']`,
        },
    ],
});

registry
    .category("web_tour.tours")
    .add("lead_broadcast_notification_matrix_read_only", {
        steps: () => [
            {
                trigger: `.o_lead_broadcast_matrix [role=grid][aria-readonly=true] ${FOCUSED.replace(".o_lead_broadcast_matrix ", "")}`,
                run: ({press}) =>
                    pressUntil(press, "ArrowDown", isRowOf("Lead allocated · AP")),
            },
            {
                trigger: FOCUSED,
                run: "press ArrowRight",
            },
            {
                content: "What would switch the rule shows it",
                trigger: `${FOCUSED}[aria-label*='Partner admin · Email']`,
                run: "press Space",
            },
            {
                trigger:
                    ".modal .o_form_readonly:contains('Email to the partner\\'s admin, 2 times a day')",
                run: "press Escape",
            },
            {
                content: "Headers have no menu",
                trigger: `body:not(.modal-open) .o_lead_broadcast_matrix:not(:has(th button))`,
            },
        ],
    });
