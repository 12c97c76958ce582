const globals = require("globals");

module.exports = [
    {
        languageOptions: {
            ecmaVersion: 2024,
            sourceType: "module", // all of Odoo's own scripts are modules
            globals: {...globals.browser, luxon: "readonly", odoo: "readonly"},
        },
        rules: {
            complexity: ["error", 15],
            "dot-notation": "error",
            eqeqeq: "error",
            "no-array-constructor": "error",
            "no-console": "error",
            "no-debugger": "error",
            "no-dupe-keys": "error",
            "no-duplicate-imports": "error",
            "no-else-return": "error",
            "no-eval": "error",
            "no-lonely-if": "error",
            "no-param-reassign": "error",
            "no-self-compare": "error",
            "no-shadow": "error",
            "no-undef": "error",
            "no-unneeded-ternary": "error",
            "no-unreachable": "error",
            "no-unused-vars": "error",
            "no-use-before-define": "error",
            "no-var": "error",
            "prefer-const": "error",
        },
    },
    {
        files: ["**/*.cjs"],
        languageOptions: {sourceType: "commonjs", globals: globals.node},
    },
];
