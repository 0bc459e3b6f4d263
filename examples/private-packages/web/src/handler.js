const ms = require('ms');

exports.handler = async () => `This function has been ready for ${ms(Math.round(process.uptime() * 1000))}.`;
